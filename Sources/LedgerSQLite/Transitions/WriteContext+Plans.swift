import Distribution

extension WriteContext {
    /// The moving parts of a plan that exists.
    func plan(_ id: PlanID) throws -> PlanState {
        if let plan = memory.plan(id) { return plan }
        var select = try query(
            """
            SELECT id, domainId, idempotencyKey, requestId, contentItemId, contentVersion, traceparent, tracestate,
                   status, queuedCount, runningCount, retryingCount, succeededCount, failedCount, blockedCount,
                   cancelledCount, hasBegun, sequence, completedAt
            FROM distribution_plans WHERE id = ?
            """)
        select.bind(id)
        guard let plan = try select.first(PlanState.init(columns:)) else {
            throw LedgerError(kind: .invalid, message: "The ledger is damaged: a job names a plan that is not there.")
        }
        memory.remember(plan, isWritten: true)
        return plan
    }

    /// Moves one job of the plan between states, without looking at the plan's own.
    func move(_ plan: inout PlanState, from old: JobStatus, to new: JobStatus) {
        plan.counts[old] -= 1
        plan.counts[new] += 1
    }

    /// Brings the plan's status in line with its jobs, and owes `plan.completed` where they have all ended now.
    ///
    /// A cancelled plan stays so. One whose last running job ends against expectation (cancelled, but delivered) tells
    /// of its completion again.
    func settle(_ plan: inout PlanState, at time: Timestamp) throws {
        guard plan.status != .cancelled else { return }
        let status = plan.counts.planStatus(hasBegun: plan.hasBegun)
        guard status != plan.status else { return }
        plan.status = status
        plan.completedAt = status.isFinal ? time : nil
        guard status.isFinal else { return }
        let (facts, counts) = (plan.facts, plan.counts)
        try owe(&plan, at: time) { $0.planCompleted($1, facts, status: status, counts: counts) }
    }

    /// Writes the plans that this transaction has moved, each once.
    func writeBackPlans() throws {
        for plan in memory.takeChangedPlans() {
            var update = try query(
                """
                UPDATE distribution_plans
                SET status = ?, queuedCount = ?, runningCount = ?, retryingCount = ?, succeededCount = ?,
                    failedCount = ?, blockedCount = ?, cancelledCount = ?, hasBegun = ?, sequence = ?, completedAt = ?
                WHERE id = ?
                """)
            update.bind(plan.status.rawValue)
            update.bind(plan.counts)
            update.bind(plan.hasBegun)
            update.bind(plan.sequence)
            update.bind(plan.completedAt)
            update.bind(plan.facts.id)
            try update.run()
        }
    }
}

extension Query {
    mutating func bind(_ counts: JobCounts) {
        bind(counts.queued)
        bind(counts.running)
        bind(counts.retrying)
        bind(counts.succeeded)
        bind(counts.failed)
        bind(counts.blocked)
        bind(counts.cancelled)
    }
}

extension Columns {
    /// Seven counts in the order of the states, from `index` on.
    func counts(_ index: Int32) -> JobCounts {
        var counts = JobCounts()
        counts.queued = int(index)
        counts.running = int(index + 1)
        counts.retrying = int(index + 2)
        counts.succeeded = int(index + 3)
        counts.failed = int(index + 4)
        counts.blocked = int(index + 5)
        counts.cancelled = int(index + 6)
        return counts
    }
}

extension PlanState {
    fileprivate init(columns: Columns) throws {
        self.init(
            facts: PlanFacts(
                id: columns.id(0), domainID: columns.id(1), idempotencyKey: columns.text(2),
                requestID: columns.textOrNil(3), contentItemID: columns.integer(4), contentVersion: columns.integer(5),
                trace: columns.trace(6)),
            status: try columns.value(8), counts: columns.counts(9), hasBegun: columns.bool(16),
            sequence: columns.integer(17), completedAt: try columns.timestampOrNil(18))
    }
}
