/// A job message that asks to be attempted.
package struct AttemptRequest: Sendable, Hashable {
    package let claim: JobClaim
    package let payloadDigest: Digest256
    /// Whether the broker has handed the message out before. Where the machine has stopped since, that is the only sign
    /// of an attempt whose opening was not on disk yet: it is then recorded as ambiguous.
    package let isRedelivered: Bool
    package let startedAt: Timestamp

    package init(claim: JobClaim, payloadDigest: Digest256, isRedelivered: Bool, startedAt: Timestamp) {
        self.claim = claim
        self.payloadDigest = payloadDigest
        self.isRedelivered = isRedelivered
        self.startedAt = startedAt
    }
}

package enum AttemptDecision: Sendable, Hashable {
    case start(AttemptGrant)
    /// Not due yet: it re-enters the ladder with the remainder, as the same epoch.
    case early(dueAt: Timestamp, attempt: Int)
    /// An older epoch, or a job at its end: the message is of no use any more.
    case stale
    /// The licence has ended; the job is blocked and recorded as such.
    case blocked
    /// This process has an open attempt of this very epoch.
    case inFlight
    /// Ids, domain, target or bytes are not those of the row; never attempted.
    case mismatch(DeliveryError)
}

/// Permission to make one attempt, and what the attempt needs to know.
package struct AttemptGrant: Sendable, Hashable {
    package let attemptID: AttemptID
    package let claim: JobClaim
    /// 1 for the first attempt of the job; never restarts.
    package let number: Int
    /// 0 for the first attempt since acceptance or the last replay.
    package let scheduleStep: Int
    package let maxAttempts: Int
    package let startedAt: Timestamp
    /// When the job's first attempt began; ``startedAt`` where this is the first.
    package let firstAttemptAt: Timestamp

    package init(
        attemptID: AttemptID, claim: JobClaim, number: Int, scheduleStep: Int, maxAttempts: Int, startedAt: Timestamp,
        firstAttemptAt: Timestamp? = nil
    ) {
        self.attemptID = attemptID
        self.claim = claim
        self.number = number
        self.scheduleStep = scheduleStep
        self.maxAttempts = maxAttempts
        self.startedAt = startedAt
        self.firstAttemptAt = firstAttemptAt ?? startedAt
    }
}

/// How an attempt ended and what becomes of its job.
package struct AttemptReport: Sendable {
    package enum Resolution: Sendable, Hashable {
        /// Job `succeeded`; owes `job.succeeded`.
        case succeeded(externalID: String?, externalURL: String?)
        /// Job `retrying`, epoch + 1; owes `job.retrying`.
        case retry(at: Timestamp, DeliveryError)
        /// Job `retrying`, epoch + 1, its place in the schedule kept: the target asked to be left alone, which is not
        /// the job's failure. Owes `job.retrying`.
        case throttled(until: Timestamp, DeliveryError)
        /// Job `failed`, owes its dead letter and `job.failed`.
        case failed(DeliveryError)
        /// Job `retrying` with no time set, epoch + 1, and its target disabled with this reason: it waits until the
        /// target is enabled. Owes `job.retrying` and `target.disabled`.
        case targetGone(reason: String, DeliveryError)
        /// Not attempted after all (unsent, at shutdown): job `queued` or `retrying` as before, the attempt is not
        /// counted, the epoch stays; owes no event. The message goes back to its queue.
        case givenBack
    }

    package let grant: AttemptGrant
    package let finishedAt: Timestamp
    package let result: DeliveryResult
    package let certainty: Certainty
    package let resolution: Resolution
    /// What the attempt has shown about its target, written with it.
    package let finding: TargetFinding?
    /// What it has changed about the target's circuit, the same.
    package let circuit: CircuitNote?

    package init(
        grant: AttemptGrant, finishedAt: Timestamp, result: DeliveryResult, certainty: Certainty,
        resolution: Resolution, finding: TargetFinding? = nil, circuit: CircuitNote? = nil
    ) {
        self.grant = grant
        self.finishedAt = finishedAt
        self.result = result
        self.certainty = certainty
        self.resolution = resolution
        self.finding = finding
        self.circuit = circuit
    }
}

/// What the commit of a report decided.
package struct RecordedAttempt: Sendable, Hashable {
    package let status: JobStatus
    /// The epoch to publish next; that of the grant where nothing is owed.
    package let epoch: Int64
    package let nextAttemptAt: Timestamp?
    package let firstAttemptAt: Timestamp
    /// The target as it stands since, where the report has changed it.
    package let changedTarget: Target?

    package init(
        status: JobStatus, epoch: Int64, nextAttemptAt: Timestamp?, firstAttemptAt: Timestamp,
        changedTarget: Target? = nil
    ) {
        self.changedTarget = changedTarget
        self.status = status
        self.epoch = epoch
        self.nextAttemptAt = nextAttemptAt
        self.firstAttemptAt = firstAttemptAt
    }
}
