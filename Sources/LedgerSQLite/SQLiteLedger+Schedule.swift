package import Distribution
import GRDB

extension SQLiteLedger {
    /// First what is left of the position's own time, then later ones: one range over both would be searched from the
    /// beginning of that time each time, and a hundred thousand plans may share one.
    package func dueJobs(
        after position: SchedulePosition, by moment: Timestamp, limit: Int
    ) async throws(LedgerError) -> [OwedJob] {
        guard position.dueAt <= moment else { return [] }
        return try await read { database in
            var rest = try database.query(
                """
                SELECT \(OwedJob.columns) FROM \(Self.scheduled) AND j.nextAttemptAt = ? AND j.id > ?
                ORDER BY j.nextAttemptAt, j.id LIMIT ?
                """)
            rest.bind(position.dueAt)
            rest.bind(position.jobID)
            rest.bind(limit)
            let jobs = try rest.all(OwedJob.init(columns:))
            guard jobs.count < limit else { return jobs }
            var later = try database.query(
                """
                SELECT \(OwedJob.columns) FROM \(Self.scheduled) AND j.nextAttemptAt > ? AND j.nextAttemptAt <= ?
                ORDER BY j.nextAttemptAt, j.id LIMIT ?
                """)
            later.bind(position.dueAt)
            later.bind(moment)
            later.bind(limit - jobs.count)
            return try jobs + later.all(OwedJob.init(columns:))
        }
    }

    package func nextDueTime(after moment: Timestamp) async throws(LedgerError) -> Timestamp? {
        try await read { database in
            var select = try database.query(
                """
                SELECT nextAttemptAt FROM distribution_jobs INDEXED BY jobs_scheduled
                WHERE publishedEpoch < epoch AND status = 'queued' AND nextAttemptAt IS NOT NULL AND nextAttemptAt > ?
                ORDER BY nextAttemptAt LIMIT 1
                """)
            select.bind(moment)
            return try select.first { try $0.timestamp(0) }
        }
    }

    /// By the index, and never by the targets, whatever the planner thinks: the order of the joins is that of the words.
    private static let scheduled = """
        distribution_jobs AS j INDEXED BY jobs_scheduled
        CROSS JOIN distribution_targets AS t ON t.id = j.targetId AND t.active = 1 AND t.deletedAt IS NULL
        CROSS JOIN distribution_plans AS p ON p.id = j.planId
        CROSS JOIN distribution_payloads AS b ON b.id = j.payloadId
        WHERE j.publishedEpoch < j.epoch AND j.status = 'queued' AND j.nextAttemptAt IS NOT NULL
        """
}
