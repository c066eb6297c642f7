package import Distribution
import GRDB

extension SQLiteLedger {
    /// Walks the plans of the domain and their ranges of jobs, or one plan's, or the dead letters.
    package func jobs(
        domainID: DomainID, _ page: Page, filter: JobFilter
    ) async throws(LedgerError) -> [JobSummary] {
        try await read { database in
            var select = try database.query(
                """
                SELECT \(JobSummary.columns) FROM \(Self.source(of: filter)) \(JobSummary.joins)
                WHERE \(Self.condition(of: filter)) ORDER BY \(Self.order(of: filter)) LIMIT ?8
                """)
            select.bind(domainID, page, filter)
            return try select.all(JobSummary.init(columns:))
        }
    }

    package func deadLetters(
        domainID: DomainID, _ page: Page, filter: JobFilter
    ) async throws(LedgerError) -> [DeadLetterSummary] {
        var filter = filter
        guard filter.status == nil || filter.status == .failed else { return [] }
        filter.status = .failed
        let dead = filter
        return try await read { database in
            var select = try database.query(
                """
                SELECT \(JobRow.columns), j.diedAt, length(b.bytes), \(JobSummary.isReplayable)
                FROM distribution_jobs AS j INDEXED BY letters_by_domain
                JOIN distribution_payloads AS b ON b.id = j.payloadId
                JOIN distribution_targets AS t ON t.id = j.targetId
                WHERE \(Self.condition(of: dead)) AND j.deadLetter <> 'purged'
                    AND (?9 IS NULL OR j.diedAt >= ?9) AND (?10 IS NULL OR j.diedAt < ?10)
                ORDER BY \(Self.order(of: dead)) LIMIT ?8
                """)
            select.bind(domainID, page, dead)
            select.bind(dead.diedFrom)
            select.bind(dead.diedBefore)
            return try select.all { row in
                DeadLetterSummary(
                    job: try JobRow(columns: row).job, diedAt: try row.timestamp(JobRow.columnCount),
                    payloadBytes: row.int(JobRow.columnCount + 1), isReplayable: row.bool(JobRow.columnCount + 2))
            }
        }
    }

    package func deadLetter(_ id: JobID, domainID: DomainID) async throws(LedgerError) -> DeadLetter? {
        try await read { database in
            var select = try database.query(
                """
                SELECT \(DeadLetter.columns) FROM distribution_jobs AS j
                JOIN distribution_plans AS p ON p.id = j.planId
                JOIN distribution_payloads AS b ON b.id = j.payloadId
                WHERE j.id = ? AND j.domainId = ? AND j.deadLetter <> 'purged'
                """)
            select.bind(id)
            select.bind(domainID)
            return try select.first(DeadLetter.init(columns:))
        }
    }

    package func totals() async throws(LedgerError) -> LedgerTotals {
        let now = services.time.now()
        return try await read { database in
            let counts = try database.query(
                """
                SELECT total(queuedCount), total(runningCount), total(retryingCount), total(succeededCount),
                       total(failedCount), total(blockedCount), total(cancelledCount) FROM distribution_plans
                """
            ).first { $0.counts(0) }
            var others = try database.query(
                """
                SELECT (SELECT count(*) FROM distribution_jobs AS j INDEXED BY jobs_owed
                        JOIN distribution_targets AS t ON t.id = j.targetId AND t.active = 1 AND t.deletedAt IS NULL
                        WHERE j.publishedEpoch < j.epoch AND (j.status <> 'queued' OR j.nextAttemptAt IS NULL)
                            AND j.status IN ('queued', 'retrying'))
                     + (SELECT count(*) FROM distribution_jobs AS j INDEXED BY jobs_scheduled
                        JOIN distribution_targets AS t ON t.id = j.targetId AND t.active = 1 AND t.deletedAt IS NULL
                        WHERE j.publishedEpoch < j.epoch AND j.status = 'queued' AND j.nextAttemptAt IS NOT NULL
                            AND j.nextAttemptAt <= ?1),
                       (SELECT count(*) FROM distribution_jobs INDEXED BY jobs_scheduled
                        WHERE publishedEpoch < epoch AND status = 'queued' AND nextAttemptAt IS NOT NULL
                            AND nextAttemptAt > ?1),
                       (SELECT count(*) FROM event_outbox),
                       (SELECT count(*) FROM distribution_targets WHERE deletedAt IS NULL)
                """)
            others.bind(now)
            let (owedJobs, scheduledJobs, owedEvents, targets) =
                try others.first { ($0.int(0), $0.int(1), $0.int(2), $0.int(3)) } ?? (0, 0, 0, 0)
            return LedgerTotals(
                jobs: counts ?? JobCounts(), owedJobs: owedJobs, scheduledJobs: scheduledJobs, owedEvents: owedEvents,
                targets: targets)
        }
    }

    /// Jobs that have failed have an index of their own. All other jobs are found through the plans of their domain, whose jobs
    /// follow each other in the order of the plans.
    private static func source(of filter: JobFilter) -> String {
        isDead(filter)
            ? "distribution_jobs AS j INDEXED BY jobs_dead_by_domain"
            : "distribution_plans AS p CROSS JOIN distribution_jobs AS j"
    }

    private static func condition(of filter: JobFilter) -> String {
        let scope =
            if isDead(filter) {
                """
                j.domainId = ?1 AND j.diedAt IS NOT NULL AND j.id > ?2 AND (?3 IS NULL OR j.planId = ?3)
                AND \(JobSummary.hasPlan)
                """
            } else if filter.planID == nil {
                """
                p.domainId = ?1 AND ?3 IS NULL
                AND p.id >= coalesce((SELECT max(planId) FROM distribution_jobs WHERE id = ?2), 0)
                AND j.id BETWEEN max(p.firstJobId, ?2 + 1) AND p.lastJobId
                """
            } else {
                "p.id = ?3 AND p.domainId = ?1 AND j.id BETWEEN max(p.firstJobId, ?2 + 1) AND p.lastJobId"
            }
        return """
            \(scope) AND (?4 IS NULL OR j.targetId = ?4) AND (?5 IS NULL OR j.channelType = ?5)
            AND (?6 IS NULL OR j.status = ?6) AND (?7 IS NULL OR j.errorCode = ?7)
            """
    }

    private static func order(of filter: JobFilter) -> String {
        isDead(filter) ? "j.id" : "p.id, j.id"
    }

    private static func isDead(_ filter: JobFilter) -> Bool { filter.status == .failed }
}

extension Query {
    fileprivate mutating func bind(_ domainID: DomainID, _ page: Page, _ filter: JobFilter) {
        bind(domainID)
        bind(page.after)
        bind(filter.planID)
        bind(filter.targetID)
        bind(filter.channelType?.rawValue)
        bind(filter.status?.rawValue)
        bind(filter.errorCode?.rawValue)
        bind(page.limit)
    }
}
