import Distribution

extension WriteContext {
    /// Looks at the first `limit` of a plan's jobs and tries them again, and writes down that it was asked for where more
    /// are left.
    ///
    /// - Returns: nil where the domain has no such plan.
    func retryPlan(
        _ id: PlanID, domainID: DomainID, limit: Int, at now: Timestamp
    ) throws -> (PlanRetryStep, JobCounts)? {
        guard try hasPlan(id, in: domainID) else { return nil }
        let (step, last) = try retryJobs(of: id, after: JobID(0), limit: limit, at: now, until: nil)
        if let last {
            var insert = try query("INSERT OR REPLACE INTO plan_retries (planId, afterJobId) VALUES (?, ?)")
            insert.bind(id)
            insert.bind(last)
            try insert.run()
        }
        return (step, try plan(id).counts)
    }

    /// Goes on with ``retryPlan(_:domainID:limit:at:)`` until the clock ends it.
    func continueRetry(
        of id: PlanID, at now: Timestamp, until clock: StepClock
    ) throws -> (PlanRetryStep, JobCounts)? {
        guard try exists(id) else {
            try forgetRetry(of: id)
            return nil
        }
        var select = try query("SELECT afterJobId FROM plan_retries WHERE planId = ?")
        select.bind(id)
        guard let after: JobID = try select.first({ $0.id(0) }) else {
            return (PlanRetryStep(retried: 0, obstacle: nil, isLast: true), try plan(id).counts)
        }
        let (step, last) = try retryJobs(of: id, after: after, limit: nil, at: now, until: clock)
        if let last {
            var update = try query("UPDATE plan_retries SET afterJobId = ? WHERE planId = ?")
            update.bind(last)
            update.bind(id)
            try update.run()
        } else {
            try forgetRetry(of: id)
        }
        return (step, try plan(id).counts)
    }

    private func exists(_ id: PlanID) throws -> Bool {
        var select = try query("SELECT 1 FROM distribution_plans WHERE id = ?")
        select.bind(id)
        return try select.first { _ in true } ?? false
    }

    private func forgetRetry(of id: PlanID) throws {
        var delete = try query("DELETE FROM plan_retries WHERE planId = ?")
        delete.bind(id)
        try delete.run()
    }

    func planBeingRetried() throws -> PlanID? {
        try query("SELECT planId FROM plan_retries ORDER BY planId LIMIT 1").first { $0.id(0) }
    }

    /// - Returns: What was done, and the last job that was looked at; nil where no more are left.
    private func retryJobs(
        of id: PlanID, after: JobID, limit: Int?, at now: Timestamp, until clock: StepClock?
    ) throws -> (PlanRetryStep, JobID?) {
        let plan = try plan(id)
        guard plan.status != .cancelled else {
            return (PlanRetryStep(retried: 0, obstacle: .planCancelled, isLast: true), nil)
        }
        var step = PlanRetryStep(retried: 0, obstacle: nil, isLast: true)
        guard plan.counts.failed + plan.counts.retrying > 0 else { return (step, nil) }
        let last = try walkJobs(of: id, after: after, limit: limit, until: clock) { jobs in
            try retriableJobs(in: jobs)
        } _: { ids in
            step.add(try retry(ids, of: id, at: now))
        }
        step.isLast = last == nil
        return (step, last)
    }

    /// The first of these jobs that have failed or wait for their next attempt.
    private func retriableJobs(in jobs: ClosedRange<JobID>) throws -> [JobID] {
        var select = try query(
            """
            SELECT id FROM distribution_jobs
            WHERE id BETWEEN ? AND ? AND status IN ('retrying', 'failed') ORDER BY id LIMIT ?
            """)
        select.bind(jobs.lowerBound)
        select.bind(jobs.upperBound)
        select.bind(Self.movedPart)
        return try select.all { $0.id(0) }
    }

    private func retry(_ ids: [JobID], of planID: PlanID, at now: Timestamp) throws -> PlanRetryStep {
        let status = try plan(planID).status
        var (failed, waiting): ([JobRow], [JobRow]) = ([], [])
        var firstObstacle: RetryObstacle?
        for id in ids {
            guard let row = try job(id) else { continue }
            if let obstacle = try obstacle(to: row, planStatus: status) {
                if row.job.status == .failed { firstObstacle = firstObstacle ?? obstacle }
            } else if row.job.status == .failed {
                failed.append(row)
            } else {
                waiting.append(row)
            }
        }
        try replay(failed, of: planID, at: now)
        for row in waiting { try hasten(row, at: now) }
        return PlanRetryStep(retried: failed.count + waiting.count, obstacle: firstObstacle, isLast: true)
    }

    func retryJob(_ id: JobID, domainID: DomainID, epoch: Int64?, at now: Timestamp) throws -> JobRetryOutcome {
        guard let row = try job(id), try hasPlan(row.job.planID, in: domainID) else { return .unknown }
        guard epoch == nil || epoch == row.job.epoch else { return .refused(.status(row.job.status)) }
        if let obstacle = try obstacle(to: row, planStatus: plan(row.job.planID).status) { return .refused(obstacle) }
        if row.job.status == .failed {
            try replay([row], of: row.job.planID, at: now)
        } else {
            try hasten(row, at: now)
        }
        return .retried
    }

    func obstacle(to row: JobRow, planStatus: PlanStatus) throws -> RetryObstacle? {
        guard row.job.status == .failed || row.job.status == .retrying else { return .status(row.job.status) }
        guard planStatus != .cancelled else { return .planCancelled }
        var select = try query(
            """
            SELECT t.deletedAt IS NOT NULL, b.id IS NULL FROM distribution_jobs AS j
            JOIN distribution_targets AS t ON t.id = j.targetId
            LEFT JOIN distribution_payloads AS b ON b.id = j.payloadId WHERE j.id = ?
            """)
        select.bind(row.job.id)
        return try select.first { $0.bool(0) ? .targetDeleted : $0.bool(1) ? .payloadGone : nil } ?? nil
    }

    /// `failed → queued` for jobs of one plan, which is running again.
    func replay(_ rows: [JobRow], of planID: PlanID, at now: Timestamp) throws {
        guard !rows.isEmpty else { return }
        for row in rows { try queueAgain(row, at: now) }
        var plan = try plan(planID)
        for _ in rows { move(&plan, from: .failed, to: .queued) }
        let facts = plan.facts
        if plan.status.isFinal {
            plan.status = plan.counts.planStatus(hasBegun: plan.hasBegun)
            plan.completedAt = nil
            let (status, counts) = (plan.status, plan.counts)
            try owe(&plan, at: now) { $0.planReopened($1, facts, status: status, counts: counts) }
        }
        for row in rows {
            var queued = row
            queued.job.status = .queued
            let (status, job) = (plan.status, queued.facts)
            try owe(&plan, at: now) { $0.job(.replayed, $1, facts, planStatus: status, job: job, receipt: nil) }
        }
        memory.remember(plan, isWritten: false)
    }

    private func queueAgain(_ row: JobRow, at now: Timestamp) throws {
        var update = try query(
            """
            UPDATE distribution_jobs
            SET status = 'queued', epoch = epoch + 1, scheduleStep = 0, nextAttemptAt = NULL, endedAt = NULL,
                diedAt = NULL, deadLetter = NULL, updatedAt = ?
            WHERE id = ? AND status = 'failed' AND openAttemptId IS NULL
            """)
        update.bind(now)
        update.bind(row.job.id)
        try runOnce(update)
    }

    /// `retrying` → the same, due now, handed to the broker anew.
    private func hasten(_ row: JobRow, at now: Timestamp) throws {
        var update = try query(
            """
            UPDATE distribution_jobs SET epoch = epoch + 1, nextAttemptAt = ?, updatedAt = ?
            WHERE id = ? AND status = 'retrying' AND openAttemptId IS NULL
            """)
        update.bind(now)
        update.bind(now)
        update.bind(row.job.id)
        try runOnce(update)
        var hastened = row
        hastened.job.epoch += 1
        hastened.job.nextAttemptAt = now
        try tell(.retrying, of: hastened, from: .retrying, receipt: nil, at: now)
    }
}
