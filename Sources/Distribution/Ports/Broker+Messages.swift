/// A message from `distribution.plans`, not yet looked into.
package struct IncomingPlanMessage: Sendable {
    package let routingKey: String
    package let body: [UInt8]
    package let messageID: String?
    package let correlationID: String?
    /// Set only for direct reply-to addresses; any other is ignored.
    package let replyTo: String?
    /// The broker-checked user.
    package let userID: String?
    package let contentType: String?
    package let trace: TraceContext?
    package let isRedelivered: Bool
    package let settlement: any MessageSettlement

    package init(
        routingKey: String, body: [UInt8], messageID: String?, correlationID: String?, replyTo: String?,
        userID: String?, contentType: String?, trace: TraceContext?, isRedelivered: Bool,
        settlement: any MessageSettlement
    ) {
        self.routingKey = routingKey
        self.body = body
        self.messageID = messageID
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.userID = userID
        self.contentType = contentType
        self.trace = trace
        self.isRedelivered = isRedelivered
        self.settlement = settlement
    }
}

/// What the headers of a job message claim.
package struct JobClaim: Sendable, Hashable {
    package let jobID: JobID
    package let planID: PlanID
    package let targetID: TargetID
    package let domainID: DomainID
    package let channelType: ChannelType
    package let deliveryID: DeliveryID
    package let epoch: Int64

    package init(
        jobID: JobID, planID: PlanID, targetID: TargetID, domainID: DomainID, channelType: ChannelType,
        deliveryID: DeliveryID, epoch: Int64
    ) {
        self.jobID = jobID
        self.planID = planID
        self.targetID = targetID
        self.domainID = domainID
        self.channelType = channelType
        self.deliveryID = deliveryID
        self.epoch = epoch
    }
}

/// A message from a target's queue.
///
/// A class, since it passes through many hands unchanged: one reference to hand on rather than a dozen.
package final class IncomingJobMessage: Sendable {
    /// The queue it came from; nil for an orphan whose routing key names none.
    package let queue: TargetQueue?
    /// nil with the reason where headers are missing or malformed.
    package let claim: Result<JobClaim, DeliveryError>
    package let contentType: String
    package let body: [UInt8]
    package let trace: TraceContext?
    package let isRedelivered: Bool
    package let settlement: any MessageSettlement
    /// The message as the broker's own types, to publish it elsewhere whole.
    package let original: any Sendable
    /// An operator has moved it here from the dead letters, to have its job tried again.
    package let isDeadLetter: Bool

    package init(
        queue: TargetQueue?, claim: Result<JobClaim, DeliveryError>, contentType: String, body: [UInt8],
        trace: TraceContext?, isRedelivered: Bool, settlement: any MessageSettlement, original: any Sendable,
        isDeadLetter: Bool = false
    ) {
        self.queue = queue
        self.claim = claim
        self.contentType = contentType
        self.body = body
        self.trace = trace
        self.isRedelivered = isRedelivered
        self.settlement = settlement
        self.original = original
        self.isDeadLetter = isDeadLetter
    }
}

/// A job on its way to its target's queue: at once, or through the delay ladder.
package struct OutgoingJob: Sendable, Hashable {
    package let claim: JobClaim
    /// The attempt that this message is for, 1 for the first.
    package let attempt: Int
    package let contentType: String
    package let body: [UInt8]
    package let trace: TraceContext?
    /// Milliseconds until it is due; 0 publishes straight to the queue. Rounded up to the ladder's unit.
    package let delayMilliseconds: Int64

    package init(
        claim: JobClaim, attempt: Int, contentType: String, body: [UInt8], trace: TraceContext?,
        delayMilliseconds: Int64
    ) {
        self.claim = claim
        self.attempt = attempt
        self.contentType = contentType
        self.body = body
        self.trace = trace
        self.delayMilliseconds = delayMilliseconds
    }
}

/// A job that ended as failed, as it is shown in a queue to operators.
package struct DeadLetter: Sendable, Hashable {
    package let claim: JobClaim
    package let contentType: String
    package let body: [UInt8]
    package let trace: TraceContext?
    package let error: DeliveryError
    package let attempts: Int
    package let firstAttemptAt: Timestamp?
    package let diedAt: Timestamp

    package init(
        claim: JobClaim, contentType: String, body: [UInt8], trace: TraceContext?, error: DeliveryError,
        attempts: Int, firstAttemptAt: Timestamp?, diedAt: Timestamp
    ) {
        self.claim = claim
        self.contentType = contentType
        self.body = body
        self.trace = trace
        self.error = error
        self.attempts = attempts
        self.firstAttemptAt = firstAttemptAt
        self.diedAt = diedAt
    }
}

/// One CloudEvent, encoded when its transaction was written.
package struct OutgoingEvent: Sendable, Hashable {
    /// The event's id, a UUIDv7.
    package let id: String
    /// `distribution.<domainId>.<entity>.<event>`
    package let routingKey: String
    package let correlationID: String?
    package let body: [UInt8]

    package init(id: String, routingKey: String, correlationID: String?, body: [UInt8]) {
        self.id = id
        self.routingKey = routingKey
        self.correlationID = correlationID
        self.body = body
    }
}

/// A plan message that was refused, for the dead plans.
package struct RefusedPlanMessage: Sendable {
    package let message: IncomingPlanMessage
    package let refusal: Refusal
    /// The body with `content.data` replaced by size and digest; what is not JSON becomes size and digest alone.
    package let sanitizedBody: [UInt8]

    package init(message: IncomingPlanMessage, refusal: Refusal, sanitizedBody: [UInt8]) {
        self.message = message
        self.refusal = refusal
        self.sanitizedBody = sanitizedBody
    }
}

/// The answer to a plan message with a direct reply-to address.
package struct PlanReply: Sendable, Hashable {
    package let address: String
    package let correlationID: String?
    package let body: [UInt8]

    package init(address: String, correlationID: String?, body: [UInt8]) {
        self.address = address
        self.correlationID = correlationID
        self.body = body
    }
}
