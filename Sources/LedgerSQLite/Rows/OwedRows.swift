import Distribution

extension OwedJob {
    /// Of the job `j`, its plan `p` and its payload `b`.
    static let columns = "\(JobRow.columns), p.traceparent, p.tracestate, b.contentType, b.bytes"

    init(columns: Columns) throws {
        let row = try JobRow(columns: columns)
        let next = JobRow.columnCount
        self.init(
            claim: row.claim, attempt: row.job.attempt + 1, dueAt: row.job.nextAttemptAt ?? row.job.createdAt,
            contentType: columns.text(next + 2), body: columns.bytes(next + 3), trace: columns.trace(next))
    }
}

extension DeadLetter {
    /// Of the job `j`, its plan `p` and its payload `b`.
    static let columns = "\(JobRow.columns), p.traceparent, p.tracestate, b.contentType, b.bytes, j.diedAt"

    init(columns: Columns) throws {
        let row = try JobRow(columns: columns)
        let next = JobRow.columnCount
        guard let error = row.job.lastError else { throw columns.damage(15) }
        self.init(
            claim: row.claim, contentType: columns.text(next + 2), body: columns.bytes(next + 3),
            trace: columns.trace(next), error: error, attempts: row.job.attempt, firstAttemptAt: row.firstAttemptAt,
            diedAt: try columns.timestamp(next + 4))
    }
}
