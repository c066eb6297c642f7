import Distribution

extension Plan {
    static let columns = """
        p.id, p.domainId, p.idempotencyKey, p.requestId, p.contentItemId, p.contentVersion, p.scheduledAt, p.status, \
        p.queuedCount, p.runningCount, p.retryingCount, p.succeededCount, p.failedCount, p.blockedCount, \
        p.cancelledCount, p.createdBy, p.traceparent, p.tracestate, p.createdAt, p.completedAt
        """

    init(columns: Columns) throws {
        guard let createdBy = try? JSON.parse(columns.bytes(15)) else { throw columns.damage(15) }
        self.init(
            id: columns.id(0), domainID: columns.id(1), idempotencyKey: columns.text(2),
            requestID: columns.textOrNil(3), contentItemID: columns.integer(4), contentVersion: columns.integer(5),
            scheduledAt: try columns.timestampOrNil(6), status: try columns.value(7), counts: columns.counts(8),
            createdBy: createdBy, trace: columns.trace(16), createdAt: try columns.timestamp(18),
            completedAt: try columns.timestampOrNil(19))
    }
}

extension Receipt {
    static let columns = "r.id, r.jobId, r.externalId, r.externalUrl, r.deliveredAt, r.responseMeta"

    /// - Parameter first: Where ``columns`` begin.
    init(columns: Columns, first: Int32 = 0) throws {
        guard let meta = ResponseMeta(encoded: columns.bytes(first + 5)) else { throw columns.damage(first + 5) }
        self.init(
            id: columns.id(first), jobID: columns.id(first + 1), externalID: columns.textOrNil(first + 2),
            externalURL: columns.textOrNil(first + 3), deliveredAt: try columns.timestamp(first + 4),
            responseMeta: meta)
    }
}

extension JobSummary {
    /// Of the job `j`, its receipt `r` and its target `t`.
    static let columns =
        "\(JobRow.columns), \(Receipt.columns), t.active, t.pausedUntil, t.pauseReason, \(isReplayable)"
    static let isReplayable = """
        t.deletedAt IS NULL AND j.payloadId IS NOT NULL \
        AND (SELECT status FROM distribution_plans WHERE id = j.planId) <> 'cancelled'
        """
    /// What is left of a plan that is being removed counts for nobody any more.
    static let hasPlan = "EXISTS (SELECT 1 FROM distribution_plans WHERE id = j.planId)"
    static let joins = """
        LEFT JOIN distribution_receipts AS r ON r.id = j.receiptId JOIN distribution_targets AS t ON t.id = j.targetId
        """

    init(columns: Columns) throws {
        let next = JobRow.columnCount
        self.init(
            job: try JobRow(columns: columns).job,
            receipt: columns.isNull(next) ? nil : try Receipt(columns: columns, first: next),
            isTargetActive: columns.bool(next + 6),
            targetPause: try columns.textOrNil(next + 8).map { reason in
                TargetPause(until: try columns.timestampOrNil(next + 7), reason: reason)
            },
            isReplayable: columns.bool(next + 9))
    }
}

extension Attempt {
    static let columns = """
        id, jobId, number, startedAt, finishedAt, durationMs, statusCode, certainty, errorCode, error, \
        errorStatusCode, errorCertainty, responseExcerpt
        """

    init(columns: Columns) throws {
        self.init(
            id: columns.id(0), jobID: columns.id(1), number: columns.int(2), startedAt: try columns.timestamp(3),
            finishedAt: try columns.timestampOrNil(4), durationMilliseconds: columns.integerOrNil(5),
            statusCode: columns.integerOrNil(6).map(Int.init), certainty: try columns.valueOrNil(7),
            error: try columns.deliveryError(8), responseExcerpt: columns.textOrNil(12))
    }
}
