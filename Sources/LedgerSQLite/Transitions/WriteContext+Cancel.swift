import Distribution

extension WriteContext {
    /// Calls a plan off, or goes on with that, with the first `limit` of its jobs.
    ///
    /// - Returns: Where to go on with ``cancelOpenJobs(of:after:limit:at:until:)``; nil where nothing is left.
    func cancelPlan(
        _ cancellation: PlanCancellation, limit: Int, at now: Timestamp
    ) throws -> (PlanRecall, goOnAfter: JobID?) {
        let recall = try decideCancellation(cancellation, at: now)
        switch recall {
        case .cancelled(let id), .repeated(let id):
            return (recall, try cancelOpenJobs(of: id, after: JobID(0), limit: limit, at: now))
        case .ended, .remembered, .unknown: return (recall, nil)
        }
    }

    private func decideCancellation(_ cancellation: PlanCancellation, at now: Timestamp) throws -> PlanRecall {
        let id: PlanID
        switch cancellation.subject {
        case .id(let given):
            guard try hasPlan(given, in: cancellation.domainID) else { return .unknown(given) }
            id = given
        case .idempotencyKey(let key):
            guard let known = try knownPlan(domainID: cancellation.domainID, idempotencyKey: key) else {
                try rememberCancellation(of: key, in: cancellation.domainID, at: now)
                return .remembered(until: now.adding(milliseconds: PlanRecall.memoryMilliseconds))
            }
            id = known.id
        }
        let plan = try plan(id)
        switch plan.status {
        case .queued, .running:
            cancel(plan, at: now)
            return .cancelled(id)
        case .cancelled: return .repeated(id)
        case .succeeded, .partial, .failed: return .ended(id, plan.status)
        }
    }

    /// `queued|running → cancelled`; first, so that its jobs tell of it and do not complete it.
    func cancel(_ plan: PlanState, at now: Timestamp) {
        var cancelled = plan
        cancelled.status = .cancelled
        cancelled.completedAt = now
        memory.remember(cancelled, isWritten: false)
    }

    /// Cancels open jobs of a plan that is cancelled, until the clock ends it. `plan.cancelled` is owed with the last.
    ///
    /// - Parameter limit: Jobs that are looked at; nil for all.
    /// - Returns: The job to go on after; nil once there are no more.
    func cancelOpenJobs(
        of id: PlanID, after: JobID, limit: Int? = nil, at now: Timestamp, until clock: StepClock? = nil
    ) throws -> JobID? {
        guard try plan(id).counts.open > 0 else { return nil }
        return try walkJobs(of: id, after: after, limit: limit, until: clock) { jobs in
            var select = try query(
                """
                SELECT id FROM distribution_jobs
                WHERE id BETWEEN ? AND ? AND status IN ('queued', 'running', 'retrying') ORDER BY id LIMIT ?
                """)
            select.bind(jobs.lowerBound)
            select.bind(jobs.upperBound)
            select.bind(Self.movedPart)
            return try select.all { $0.id(0) }
        } _: { ids in
            for id in ids {
                guard let row = try job(id) else { continue }
                try end(row, as: .cancelled, row.job.lastError, at: now)
            }
        }
    }

    /// The next cancelled plan with jobs that are not, by its counts: a cancellation was cut short.
    func halfCancelledPlan(after: PlanID) throws -> PlanID? {
        var select = try query(
            """
            SELECT id FROM distribution_plans INDEXED BY plans_half_cancelled
            WHERE status = 'cancelled' AND queuedCount + runningCount + retryingCount > 0 AND id > ?
            ORDER BY id LIMIT 1
            """)
        select.bind(after)
        return try select.first { $0.id(0) }
    }

    /// `queued|retrying|running → cancelled`
    func cancelJob(_ id: JobID, domainID: DomainID, at now: Timestamp) throws -> JobRecall {
        guard let row = try job(id), try hasPlan(row.job.planID, in: domainID) else { return .unknown }
        switch row.job.status {
        case .queued, .retrying, .running:
            try end(row, as: .cancelled, row.job.lastError, at: now)
            return .cancelled
        case .cancelled: return .repeated
        case .succeeded, .failed, .blocked: return .ended(row.job.status)
        }
    }

    func hasPlan(_ id: PlanID, in domainID: DomainID) throws -> Bool {
        var select = try query("SELECT id FROM distribution_plans WHERE id = ? AND domainId = ?")
        select.bind(id)
        select.bind(domainID)
        return try select.first { _ in true } ?? false
    }

    // MARK: Before their plan

    private func rememberCancellation(of key: String, in domainID: DomainID, at now: Timestamp) throws {
        var purge = try query("DELETE FROM plan_cancellations WHERE cancelledAt <= ?")
        purge.bind(now.adding(milliseconds: -PlanRecall.memoryMilliseconds))
        try purge.run()
        var insert = try query(
            "INSERT OR REPLACE INTO plan_cancellations (domainId, idempotencyKey, cancelledAt) VALUES (?, ?, ?)")
        insert.bind(domainID)
        insert.bind(key)
        insert.bind(now)
        try insert.run()
        memory.mayHoldCancellations = true
    }

    /// Forgets the cancellation that came before this plan.
    ///
    /// - Returns: Whether there was one, not older than a day.
    func takeCancellation(of request: PlanRequest, at now: Timestamp) throws -> Bool {
        guard memory.mayHoldCancellations else { return false }
        var select = try query(
            "SELECT cancelledAt FROM plan_cancellations WHERE domainId = ? AND idempotencyKey = ?")
        select.bind(request.domainID)
        select.bind(request.idempotencyKey)
        guard let cancelledAt = try select.first({ try $0.timestamp(0) }) else {
            let isEmpty = try query("SELECT 1 FROM plan_cancellations LIMIT 1").first { _ in true } == nil
            memory.mayHoldCancellations = !isEmpty
            return false
        }
        var delete = try query("DELETE FROM plan_cancellations WHERE domainId = ? AND idempotencyKey = ?")
        delete.bind(request.domainID)
        delete.bind(request.idempotencyKey)
        try delete.run()
        return now.milliseconds(since: cancelledAt) < PlanRecall.memoryMilliseconds
    }
}
