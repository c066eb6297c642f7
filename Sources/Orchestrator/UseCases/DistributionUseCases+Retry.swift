package import Distribution

extension DistributionUseCases {
    /// Tries a plan's failed jobs again, and those that wait for their next attempt at once.
    ///
    /// - Throws: `PLAN_NOT_FOUND`; `JOB_RETRY_FORBIDDEN` or `DEAD_LETTER_EXPIRED` where there is no such job.
    package func retryPlan(
        _ id: PlanID, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> PlanSnapshot {
        guard !isRehearsal else { return try await rehearseRetry(of: id, domainID: domainID) }
        let retry = try await change { [now = ports.time.now()] ledger throws(LedgerError) in
            try await ledger.retryPlan(id, domainID: domainID, at: now)
        }
        ports.crashPoints?.reached(.retryCommitted)
        switch retry {
        case .retried: releaser.sweepLedger()
        case .refused(let obstacle): throw .retryForbidden("The plan", obstacle, context: ["planId": "\(id)"])
        case .unknown: throw .planNotFound(id)
        }
        return try await plan(id, domainID: domainID)
    }

    /// As ``retryPlan(_:domainID:isRehearsal:)`` for one job.
    package func retryJob(
        _ id: JobID, domainID: DomainID, isRehearsal: Bool = false
    ) async throws(Refusal) -> JobSnapshot {
        guard !isRehearsal else { return try await rehearseRetry(of: id, domainID: domainID) }
        let retry = try await change { [now = ports.time.now()] ledger throws(LedgerError) in
            try await ledger.retryJob(id, domainID: domainID, epoch: nil, at: now)
        }
        ports.crashPoints?.reached(.retryCommitted)
        switch retry {
        case .retried: releaser.sweepLedger()
        case .refused(let obstacle): throw .retryForbidden("The job", obstacle, context: ["jobId": "\(id)"])
        case .unknown: throw .jobNotFound(id)
        }
        return try await job(id, domainID: domainID)
    }

    private func rehearseRetry(of id: PlanID, domainID: DomainID) async throws(Refusal) -> PlanSnapshot {
        let snapshot = try await plan(id, domainID: domainID)
        let context = ["planId": "\(id)"]
        guard snapshot.plan.status != .cancelled else {
            throw .retryForbidden("The plan", .planCancelled, context: context)
        }
        let counts = snapshot.plan.counts
        guard counts.failed + counts.retrying > 0 else {
            throw .retryForbidden("The plan", .status(counts.telling), context: context)
        }
        return snapshot
    }

    private func rehearseRetry(of id: JobID, domainID: DomainID) async throws(Refusal) -> JobSnapshot {
        let snapshot = try await job(id, domainID: domainID)
        let status = snapshot.summary.job.status
        guard status == .failed || status == .retrying else {
            throw .retryForbidden("The job", .status(status), context: ["jobId": "\(id)"])
        }
        return snapshot
    }
}
