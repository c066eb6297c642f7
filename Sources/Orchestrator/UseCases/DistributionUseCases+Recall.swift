package import Distribution

extension DistributionUseCases {
    /// A plan or a job that was called off.
    package struct Cancelled<Snapshot: Sendable & Hashable>: Sendable, Hashable {
        package let snapshot: Snapshot
        /// It had been called off before; nothing was changed.
        package let isRepetition: Bool
    }

    /// Calls a plan off; an attempt in flight goes on, and its job stays `succeeded` if it still succeeds.
    ///
    /// - Parameter isRehearsal: Only checks.
    /// - Throws: `PLAN_NOT_FOUND`, or `PLAN_CANCEL_FORBIDDEN` where it has come to another end.
    package func cancelPlan(
        _ id: PlanID, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> Cancelled<PlanSnapshot> {
        guard !isRehearsal else {
            let snapshot = try await plan(id, domainID: domainID)
            let status = snapshot.plan.status
            guard !status.isFinal || status == .cancelled else { throw .planCancelForbidden(id, status) }
            return Cancelled(snapshot: snapshot, isRepetition: status == .cancelled)
        }
        guard case .cancelled(let cancelled) = try await callOff(.id(id), domainID) else { throw .planNotFound(id) }
        return cancelled
    }

    /// What became of a cancellation that names a key.
    package enum KeyCancellation: Sendable, Hashable {
        case cancelled(Cancelled<PlanSnapshot>)
        /// There is no plan of this key yet: one that comes until then is called off at once.
        case remembered(until: Timestamp)
    }

    /// Calls off the plan that was, or will be, sent with a key, as ``cancelPlan(_:domainID:isRehearsal:)`` does.
    ///
    /// - Throws: `PLAN_CANCEL_FORBIDDEN` where it has come to another end.
    package func cancelPlan(
        idempotencyKey key: String, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> KeyCancellation {
        guard !isRehearsal else {
            let known = try await ask { ledger throws(LedgerError) in
                try await ledger.plan(domainID: domainID, idempotencyKey: key)
            }
            guard let known else {
                return .remembered(until: ports.time.now().adding(milliseconds: PlanRecall.memoryMilliseconds))
            }
            return .cancelled(try await cancelPlan(known.id, domainID: domainID, isRehearsal: true))
        }
        return try await callOff(.idempotencyKey(key), domainID)
    }

    private func callOff(
        _ subject: PlanCancellation.Subject, _ domainID: DomainID
    ) async throws(Refusal) -> KeyCancellation {
        let cancellation = PlanCancellation(domainID: domainID, subject: subject)
        let recall = try await change { [now = ports.time.now()] ledger throws(LedgerError) in
            try await ledger.cancelPlan(cancellation, at: now)
        }
        switch recall {
        case .remembered(let end): return .remembered(until: end)
        case .cancelled(let id), .repeated(let id):
            return .cancelled(
                Cancelled(snapshot: try await plan(id, domainID: domainID), isRepetition: recall == .repeated(id)))
        case .ended(let id, let status): throw .planCancelForbidden(id, status)
        case .unknown(let id): throw .planNotFound(id)
        }
    }

    /// Calls one job off, as ``cancelPlan(_:domainID:isRehearsal:)`` does.
    ///
    /// - Throws: `JOB_NOT_FOUND`, or `JOB_CANCEL_FORBIDDEN` where it has come to another end.
    package func cancelJob(
        _ id: JobID, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> Cancelled<JobSnapshot> {
        guard !isRehearsal else {
            let snapshot = try await job(id, domainID: domainID)
            let status = snapshot.summary.job.status
            guard !status.isFinal || status == .cancelled else { throw .jobCancelForbidden(id, status) }
            return Cancelled(snapshot: snapshot, isRepetition: status == .cancelled)
        }
        let recall = try await change { [now = ports.time.now()] ledger throws(LedgerError) in
            try await ledger.cancelJob(id, domainID: domainID, at: now)
        }
        switch recall {
        case .cancelled, .repeated:
            return Cancelled(snapshot: try await job(id, domainID: domainID), isRepetition: recall == .repeated)
        case .ended(let status): throw .jobCancelForbidden(id, status)
        case .unknown: throw .jobNotFound(id)
        }
    }
}
