/// One try at delivering a job, as the ledger holds it.
package struct Attempt: Sendable, Hashable {
    package let id: AttemptID
    package let jobID: JobID
    /// 1 for the first; never restarts.
    package let number: Int
    package let startedAt: Timestamp
    /// nil while the attempt is open.
    package let finishedAt: Timestamp?
    package let durationMilliseconds: Int64?
    package let statusCode: Int?
    package let certainty: Certainty?
    package let error: DeliveryError?
    package let responseExcerpt: String?

    package init(
        id: AttemptID, jobID: JobID, number: Int, startedAt: Timestamp, finishedAt: Timestamp?,
        durationMilliseconds: Int64?, statusCode: Int?, certainty: Certainty?, error: DeliveryError?,
        responseExcerpt: String?
    ) {
        self.id = id
        self.jobID = jobID
        self.number = number
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.durationMilliseconds = durationMilliseconds
        self.statusCode = statusCode
        self.certainty = certainty
        self.error = error
        self.responseExcerpt = responseExcerpt
    }
}

/// What is known of whether an attempt arrived.
package enum Certainty: String, Sendable, Hashable {
    /// The target said yes.
    case accepted
    /// The target said no.
    case rejected
    /// The target never got the whole request.
    case unsent
    /// Sent, but no answer came, or the process died meanwhile: it may have arrived.
    case ambiguous
}
