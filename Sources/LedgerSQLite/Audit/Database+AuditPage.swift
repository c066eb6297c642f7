import Distribution
import GRDB

extension Database {
    func auditPage(after position: AuditPosition, limit: Int) throws -> AuditPage {
        let (plans, isLast) = try auditedPlans(after: position.plan, limit: limit)
        let newest = plans.map(\.lastJobID).max() ?? position.job
        let lastJob = isLast ? JobID(.max) : max(newest, position.job)
        var jobs = try auditedJobs(after: position.job, through: lastJob)
        let strays = try addAttempts(to: &jobs, after: position.job, through: lastJob)
        let incarnation = try query("SELECT max(id) FROM ledger_incarnations").first { $0.integer(0) }
        let removals = try query("SELECT planId, firstJobId, lastJobId FROM plan_removals ORDER BY planId")
            .all(PlanRemoval.init(columns:))
        let existing = try query("SELECT planId FROM plan_removals JOIN distribution_plans AS p ON p.id = planId")
            .all { $0.id(0) as PlanID }
        return AuditPage(
            plans: plans, jobs: jobs, strayAttempts: strays, incarnation: incarnation ?? 0,
            removals: removals.filter { !existing.contains($0.planID) },
            next: isLast ? nil : plans.last.map { AuditPosition(plan: $0.id, job: lastJob) })
    }

    /// - Returns: Plans until they have `limit` jobs, and whether there are no more.
    private func auditedPlans(after: PlanID, limit: Int) throws -> ([PlanAuditFacts], isLast: Bool) {
        var select = try query(
            """
            SELECT id, status, queuedCount, runningCount, retryingCount, succeededCount, failedCount, blockedCount,
                   cancelledCount, hasBegun, completedAt IS NOT NULL, firstJobId, lastJobId
            FROM distribution_plans WHERE id > ? ORDER BY id
            """)
        select.bind(after)
        var jobs: Int64 = 0
        var isLast = true
        let plans = try select.prefix { row -> PlanAuditFacts? in
            guard jobs < limit else {
                isLast = false
                return nil
            }
            let plan = PlanAuditFacts(
                id: row.id(0), status: PlanStatus(rawValue: row.text(1)), counts: row.counts(2),
                hasBegun: row.bool(9), isComplete: row.bool(10), firstJobID: row.id(11), lastJobID: row.id(12))
            jobs += max(1, plan.lastJobID.rawValue - plan.firstJobID.rawValue + 1)
            return plan
        }
        return (plans, isLast)
    }

    /// Payloads are looked for only where they are still to be sent, or may be.
    private func auditedJobs(after: JobID, through last: JobID) throws -> [JobAuditFacts] {
        var select = try query(
            """
            SELECT j.id, j.planId, j.targetId, t.id IS NOT NULL, j.status, j.epoch, j.publishedEpoch, j.attempt,
                   j.openAttemptId, j.receiptId, r.jobId, j.endedAt IS NOT NULL, j.diedAt IS NOT NULL,
                   j.deadLetter,
                   CASE WHEN j.payloadId IS NULL THEN 0
                        WHEN j.status NOT IN ('queued', 'retrying', 'running', 'failed') THEN 4
                        WHEN b.id IS NULL THEN 1 WHEN b.digest IS NOT j.payloadDigest THEN 2 ELSE 3 END
            FROM distribution_jobs AS j
            LEFT JOIN distribution_targets AS t ON t.id = j.targetId
            LEFT JOIN distribution_receipts AS r ON r.id = j.receiptId
            LEFT JOIN distribution_payloads AS b
                ON b.id = CASE WHEN j.status IN ('queued', 'retrying', 'running', 'failed') THEN j.payloadId END
            WHERE j.id > ? AND j.id <= ? ORDER BY j.id
            """)
        select.bind(after)
        select.bind(last)
        return try select.all { row in
            var job = JobAuditFacts(
                id: row.id(0), planID: row.id(1), targetID: row.id(2), status: JobStatus(rawValue: row.text(4)))
            job.hasTarget = row.bool(3)
            job.epoch = row.integer(5)
            job.publishedEpoch = row.integer(6)
            job.attempt = row.int(7)
            job.openAttemptID = row.idOrNil(8)
            job.receiptID = row.idOrNil(9)
            job.receiptJobID = row.idOrNil(10)
            job.hasEnded = row.bool(11)
            job.hasDied = row.bool(12)
            job.hasDeadLetter = !row.isNull(13)
            job.isPurged = row.textOrNil(13) == "purged"
            job.payload = JobAuditFacts.PayloadState(rawValue: row.integer(14)) ?? .missing
            return job
        }
    }

    /// - Returns: Attempts in the range that belong to none of the jobs.
    private func addAttempts(
        to jobs: inout [JobAuditFacts], after: JobID, through last: JobID
    ) throws -> [AttemptID] {
        var select = try query(
            """
            SELECT jobId, id, number, finishedAt IS NULL, certainty = 'accepted', incarnation
            FROM distribution_attempts INDEXED BY attempts_by_job
            WHERE jobId > ? AND jobId <= ? ORDER BY jobId, id
            """)
        select.bind(after)
        select.bind(last)
        var index = 0
        return try select.all { row -> AttemptID? in
            let (job, attempt): (JobID, AttemptID) = (row.id(0), row.id(1))
            while index < jobs.count, jobs[index].id < job { index += 1 }
            guard index < jobs.count, jobs[index].id == job else { return attempt }
            jobs[index].attempts.add(
                attempt, number: row.int(2), isOpen: row.bool(3), isAccepted: row.bool(4), incarnation: row.integer(5))
            return nil
        }.compactMap { $0 }
    }
}
