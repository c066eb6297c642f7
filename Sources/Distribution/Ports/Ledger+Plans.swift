/// A plan resolved against targets and policy, rendered, and ready to be taken over.
package struct PreparedPlan: Sendable {
    package struct PreparedJob: Sendable, Hashable {
        package enum Content: Sendable, Hashable {
            /// The place of its body in ``PreparedPlan/payloads``.
            case payload(Int)
            case blocked(DeliveryError)
        }

        package let targetID: TargetID
        package let channelType: ChannelType
        package let deliveryID: DeliveryID
        package let maxAttempts: Int
        package let content: Content
        /// Its first attempt is opened with the acceptance: a slot is held for it, and it need not wait for its message.
        /// Without meaning for a job that is blocked or not due yet.
        package var startsAtOnce = false

        package init(
            targetID: TargetID, channelType: ChannelType, deliveryID: DeliveryID, maxAttempts: Int, content: Content
        ) {
            self.targetID = targetID
            self.channelType = channelType
            self.deliveryID = deliveryID
            self.maxAttempts = maxAttempts
            self.content = content
        }

        /// What it begins as: `queued`, or `blocked` by policy.
        package var status: JobStatus {
            if case .payload = content { .queued } else { .blocked }
        }
    }

    package let request: PlanRequest
    package let requestDigest: Digest256
    package let acceptedAt: Timestamp
    /// The broker-checked user who published it; nil over other protocols.
    package let userID: String?
    package let payloads: [Payload]
    package var jobs: [PreparedJob]

    package init(
        request: PlanRequest, requestDigest: Digest256, acceptedAt: Timestamp, userID: String?, payloads: [Payload],
        jobs: [PreparedJob]
    ) {
        self.request = request
        self.requestDigest = requestDigest
        self.acceptedAt = acceptedAt
        self.userID = userID
        self.payloads = payloads
        self.jobs = jobs
    }

    /// When the jobs become due.
    package var dueAt: Timestamp {
        request.scheduledAt.map { max($0, acceptedAt) } ?? acceptedAt
    }

    /// Whether its jobs wait for a time to come.
    package var isScheduled: Bool { dueAt > acceptedAt }
}

package enum PlanAcceptance: Sendable, Hashable {
    /// `jobIDs` in the order of the prepared jobs; `started` are the attempts that were opened with them, in that order.
    case created(PlanID, jobIDs: [JobID], started: [AttemptGrant])
    /// Written and called off at once: its cancellation had come before it. None of its jobs is owed.
    case recalled(PlanID)
    /// The key was used before, for a request with `digest`; nothing was written.
    case known(KnownPlan)
    /// These targets have been deleted meanwhile; nothing was written.
    case targetsGone([TargetID])
}

package struct KnownPlan: Sendable, Hashable {
    package let id: PlanID
    package let requestDigest: Digest256

    package init(id: PlanID, requestDigest: Digest256) {
        self.id = id
        self.requestDigest = requestDigest
    }
}

package struct PlanRejection: Sendable, Hashable {
    /// 0 where the message did not tell.
    package let domainID: DomainID
    package let requestID: String?
    package let idempotencyKey: String?
    package let refusal: Refusal
    package let messageFingerprint: Digest256
    package let trace: TraceContext?
    package let rejectedAt: Timestamp

    package init(
        domainID: DomainID, requestID: String?, idempotencyKey: String?, refusal: Refusal,
        messageFingerprint: Digest256, trace: TraceContext?, rejectedAt: Timestamp
    ) {
        self.domainID = domainID
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
        self.refusal = refusal
        self.messageFingerprint = messageFingerprint
        self.trace = trace
        self.rejectedAt = rejectedAt
    }
}
