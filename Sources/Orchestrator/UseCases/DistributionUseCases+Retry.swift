package import Distribution

extension DistributionUseCases {
    /// What a replay did, or would do.
    package struct Replay: Sendable, Hashable {
        package internal(set) var replayed = 0
        /// Dead letters that cannot be: their target is deleted, their plan called off, or their bytes are gone.
        package internal(set) var skipped = 0
        /// Where to go on; nil where nothing is left.
        package internal(set) var last: JobID?
    }

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

    /// Replays the next dead letters of a selection that had died when this was called, by id above `after`.
    ///
    /// Works in steps of 500, each a transaction of its own, and ends after one of them when the calling task is
    /// cancelled.
    ///
    /// - Parameter limit: How many are looked at; ignored where it is a rehearsal, which counts all.
    package func replayDeadLetters(
        domainID: DomainID, _ selection: DeadLetterSelection, after: JobID? = nil, limit: Int,
        isRehearsal: Bool = false
    ) async throws(Refusal) -> Replay {
        let now = ports.time.now()
        // What fails again meanwhile has died later.
        let end = now.adding(milliseconds: 1)
        var selection = selection
        selection.diedBefore = min(selection.diedBefore ?? end, end)
        var replay = Replay(last: after)
        var rest = isRehearsal ? Int.max : limit
        repeat {
            let (chosen, last, size) = (selection, replay.last, min(rest, Self.replayStep))
            let step = try await change { ledger throws(LedgerError) in
                try await ledger.replayDeadLetters(
                    domainID: domainID, chosen, after: last, limit: size, at: now, isRehearsal: isRehearsal)
            }
            if step.replayed > 0, !isRehearsal {
                ports.crashPoints?.reached(.replayStepCommitted)
                releaser.sweepLedger()
            }
            replay.replayed += step.replayed
            replay.skipped += step.skipped
            replay.last = step.last
            rest -= size
        } while replay.last != nil && rest > 0 && !Task.isCancelled
        return replay
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

    private static let replayStep = 500
}
