import Distribution

extension WriteContext {
    func retryPlan(_ id: PlanID, domainID: DomainID, at now: Timestamp) throws -> PlanRetryOutcome {
        guard try hasPlan(id, in: domainID) else { return .unknown }
        let plan = try plan(id)
        guard plan.status != .cancelled else { return .refused(.planCancelled) }
        var failed: [JobRow] = []
        var waiting: [JobRow] = []
        var firstObstacle: RetryObstacle?
        for jobID in try jobs(of: id) {
            guard let row = try job(jobID) else { continue }
            if let obstacle = try obstacle(to: row, planStatus: plan.status) {
                if row.job.status == .failed { firstObstacle = firstObstacle ?? obstacle }
            } else if row.job.status == .failed {
                failed.append(row)
            } else {
                waiting.append(row)
            }
        }
        guard !failed.isEmpty || !waiting.isEmpty else {
            return .refused(firstObstacle ?? .status(plan.counts.telling))
        }
        try replay(failed, of: id, at: now)
        for row in waiting { try hasten(row, at: now) }
        return .retried(failed.count + waiting.count)
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
