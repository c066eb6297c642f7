/// A job that the broker has yet to confirm.
package struct OwedJob: Sendable, Hashable {
    package let claim: JobClaim
    /// The attempt that the message will be for, 1 for the first.
    package let attempt: Int
    package let dueAt: Timestamp
    package let contentType: String
    package let body: [UInt8]
    package let trace: TraceContext?

    package init(
        claim: JobClaim, attempt: Int, dueAt: Timestamp, contentType: String, body: [UInt8], trace: TraceContext?
    ) {
        self.claim = claim
        self.attempt = attempt
        self.dueAt = dueAt
        self.contentType = contentType
        self.body = body
        self.trace = trace
    }
}

/// One epoch of one job that the broker has confirmed.
package struct PublishedEpoch: Sendable, Hashable {
    package let jobID: JobID
    package let epoch: Int64

    package init(jobID: JobID, epoch: Int64) {
        self.jobID = jobID
        self.epoch = epoch
    }
}

/// An event that the broker has yet to confirm.
package struct OwedEvent: Sendable, Hashable {
    /// Grows with every event; the order of commits.
    package let place: Int64
    package let event: OutgoingEvent

    package init(place: Int64, event: OutgoingEvent) {
        self.place = place
        self.event = event
    }
}
