import Distribution
import GRDB

extension Database {
    func auditTargets() throws -> [AuditTarget] {
        try query(
            """
            SELECT id, channelType, queueType, active, json_extract(deliveryJson, '$.rateLimit') IS NOT NULL
            FROM distribution_targets WHERE deletedAt IS NULL ORDER BY id
            """
        ).all { row in
            AuditTarget(
                queue: TargetQueue(targetID: row.id(0), channelType: try row.value(1), type: try row.value(2)),
                isActive: row.bool(3), isRateLimited: row.bool(4))
        }
    }

    func waitingJobs(
        after position: WaitingJobsPage.Position, limit: Int, _ cutoffs: WaitingCutoffs
    ) throws -> WaitingJobsPage {
        var byTarget: [TargetID: WaitingJobs] = [:]
        var (current, after): (TargetID?, JobID) = (position.target, position.job)
        if after == JobID(0) { current = try targetWithOpenJobs(above: position.target) }
        var remaining = limit
        while let target = current, remaining > 0 {
            let part = try waitingJobs(of: target, after: after, limit: remaining, cutoffs)
            byTarget[target, default: WaitingJobs()].add(part.jobs)
            remaining -= part.count
            if remaining <= 0, let last = part.last {
                return WaitingJobsPage(byTarget: byTarget, next: .init(target: target, job: last))
            }
            (current, after) = (try targetWithOpenJobs(above: target), JobID(0))
        }
        return WaitingJobsPage(byTarget: byTarget, next: nil)
    }

    private func targetWithOpenJobs(above target: TargetID) throws -> TargetID? {
        var select = try query(
            """
            SELECT min(targetId) FROM distribution_jobs INDEXED BY jobs_open_by_target
            WHERE targetId > ? AND endedAt IS NULL
            """)
        select.bind(target)
        return try select.first { $0.idOrNil(0) } ?? nil
    }

    private func waitingJobs(
        of target: TargetID, after: JobID, limit: Int, _ cutoffs: WaitingCutoffs
    ) throws -> (jobs: WaitingJobs, count: Int, last: JobID?) {
        var select = try query(
            """
            SELECT count(*), max(id), total(kind = 's'), total(kind = 'n'), total(kind = 'd'), total(kind = 'u'),
                   total(kind = 'r'), total(kind = 'h')
            FROM (SELECT id, CASE WHEN status NOT IN ('queued', 'retrying') THEN 'r'
                    WHEN publishedEpoch < epoch AND status = 'queued' AND nextAttemptAt > ?1 THEN 'h'
                    WHEN publishedEpoch < epoch THEN 'u'
                    WHEN coalesce(nextAttemptAt, createdAt) > ?1 THEN 'd'
                    WHEN coalesce(nextAttemptAt, createdAt) <= ?2 AND updatedAt <= ?2 THEN 's' ELSE 'n' END AS kind
                FROM distribution_jobs INDEXED BY jobs_open_by_target
                WHERE targetId = ?3 AND endedAt IS NULL AND id > ?4 ORDER BY id LIMIT ?5)
            """)
        select.bind(cutoffs.delayedAfter)
        select.bind(cutoffs.settledBefore)
        select.bind(target)
        select.bind(after)
        select.bind(limit)
        let part = try select.first { row -> (WaitingJobs, Int, JobID?) in
            var jobs = WaitingJobs()
            jobs.settled = row.int(2)
            jobs.recent = row.int(3)
            jobs.delayed = row.int(4)
            jobs.unconfirmed = row.int(5)
            jobs.running = row.int(6)
            jobs.held = row.int(7)
            return (jobs, row.int(0), row.idOrNil(1))
        }
        return part ?? (WaitingJobs(), 0, nil)
    }

    func pulse() throws -> LedgerPulse {
        let pulse = try query(
            """
            SELECT (SELECT count(*) FROM event_outbox),
                   (SELECT count(*) FROM distribution_jobs INDEXED BY jobs_dead_owed WHERE deadLetter = 'owed'),
                   (SELECT sum(seq) FROM sqlite_sequence)
            """
        ).first { LedgerPulse(owedEvents: $0.int(0), owedDeadLetters: $0.int(1), activity: $0.integer(2)) }
        return pulse ?? LedgerPulse(owedEvents: 0, owedDeadLetters: 0, activity: 0)
    }
}
