import Distribution

extension WriteContext {
    func cancelPlan(_ cancellation: PlanCancellation, at now: Timestamp) throws -> PlanRecall {
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
            try cancel(plan, at: now)
            return .cancelled(id)
        case .cancelled: return .repeated(id)
        case .succeeded, .partial, .failed: return .ended(id, plan.status)
        }
    }

    /// `queued|running → cancelled`, with every open job.
    func cancel(_ plan: PlanState, at now: Timestamp) throws {
        let id = plan.facts.id
        var cancelled = plan
        // First, so that its jobs tell of it and do not complete it.
        cancelled.status = .cancelled
        cancelled.completedAt = now
        memory.remember(cancelled, isWritten: false)
        for jobID in try jobs(of: id) {
            guard let row = try job(jobID), !row.job.status.isFinal else { continue }
            try end(row, as: .cancelled, row.job.lastError, at: now)
        }
        cancelled = try self.plan(id)
        let (facts, counts) = (cancelled.facts, cancelled.counts)
        try owe(&cancelled, at: now) { $0.planCancelled($1, facts, status: .cancelled, counts: counts) }
        memory.remember(cancelled, isWritten: false)
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

    /// Every job of a plan that is open or has failed, by id.
    func jobs(of id: PlanID) throws -> [JobID] {
        var select = try query(
            """
            SELECT j.id FROM distribution_plans AS p
            CROSS JOIN distribution_jobs AS j ON j.id BETWEEN p.firstJobId AND p.lastJobId
            WHERE p.id = ? AND j.status IN ('queued', 'running', 'retrying', 'failed') ORDER BY j.id
            """)
        select.bind(id)
        return try select.all { $0.id(0) }
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
