/// Proof that a target accepted a job, as the ledger holds it.
package struct Receipt: Sendable, Hashable {
    package let id: ReceiptID
    package let jobID: JobID
    package let externalID: String?
    package let externalURL: String?
    package let deliveredAt: Timestamp
    package let responseMeta: ResponseMeta

    package init(
        id: ReceiptID, jobID: JobID, externalID: String?, externalURL: String?, deliveredAt: Timestamp,
        responseMeta: ResponseMeta
    ) {
        self.id = id
        self.jobID = jobID
        self.externalID = externalID
        self.externalURL = externalURL
        self.deliveredAt = deliveredAt
        self.responseMeta = responseMeta
    }
}

/// What is kept of the answer that accepted a job.
package struct ResponseMeta: Sendable, Hashable {
    package let statusCode: Int?
    package let durationMilliseconds: Int64

    package init(statusCode: Int?, durationMilliseconds: Int64) {
        self.statusCode = statusCode
        self.durationMilliseconds = durationMilliseconds
    }
}
