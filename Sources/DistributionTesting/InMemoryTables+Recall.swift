import Distribution

extension InMemoryTables {
    // MARK: Calling off

    /// Calls a plan off, or goes on with that, with up to `limit` of its jobs.
    ///
    /// - Returns: Whether some of its jobs are left to be called off.
    mutating func cancelPlan(
        _ cancellation: PlanCancellation, limit: Int = .max, at now: Timestamp
    ) -> (PlanRecall, isUnfinished: Bool) {
        let recall = decideCancellation(cancellation, at: now)
        switch recall {
        case .cancelled(let id), .repeated(let id): return (recall, cancelOpenJobs(of: id, limit: limit, at: now))
        case .ended, .remembered, .unknown: return (recall, false)
        }
    }

    private mutating func decideCancellation(_ cancellation: PlanCancellation, at now: Timestamp) -> PlanRecall {
        let domain = cancellation.domainID
        let id: PlanID
        switch cancellation.subject {
        case .id(let given): id = given
        case .idempotencyKey(let key):
            guard let known = knownPlan(domain, key) else {
                cancellations[domain, default: [:]][key] = now
                return .remembered(until: now.adding(milliseconds: PlanRecall.memoryMilliseconds))
            }
            id = known.id
        }
        guard let plan = plan(id)?.plan, plan.domainID == domain else { return .unknown(id) }
        switch plan.status {
        case .queued, .running:
            decideToCancel(id, at: now)
            return .cancelled(id)
        case .cancelled: return .repeated(id)
        case .succeeded, .partial, .failed: return .ended(id, plan.status)
        }
    }

    mutating func decideToCancel(_ id: PlanID, at now: Timestamp) {
        change(id) { row in
            row.plan.status = .cancelled
            row.plan.completedAt = now
        }
    }

    /// `plan.cancelled` is owed with the last.
    ///
    /// - Returns: Whether some are left.
    mutating func cancelOpenJobs(
        of id: PlanID, limit: Int = .max, at now: Timestamp, until clock: StepClock? = nil
    ) -> Bool {
        for row in jobs.filter({ $0.job.planID == id && !$0.job.status.isFinal }).prefix(limit) {
            end(row, as: .cancelled, row.job.lastError, at: now)
            if clock?.isUsedUp == true { break }
        }
        return (plan(id)?.plan.counts.open ?? 0) > 0
    }

    /// What an earlier process has begun in steps.
    mutating func finishSteps(at now: Timestamp) {
        _ = cancelOrphans()
        for row in plans where row.plan.status == .cancelled { _ = cancelOpenJobs(of: row.plan.id, at: now) }
        for id in retries.keys.sorted() {
            while !continueRetry(of: id, limit: .max, at: now).isLast {}
        }
    }

    mutating func cancelJob(_ id: JobID, _ domain: DomainID, at now: Timestamp) -> JobRecall {
        guard let row = job(id), plan(row.job.planID)?.plan.domainID == domain else { return .unknown }
        if row.job.status == .cancelled { return .repeated }
        guard !row.job.status.isFinal else { return .ended(row.job.status) }
        end(row, as: .cancelled, row.job.lastError, at: now)
        return .cancelled
    }

    // MARK: Trying again

    /// Tries the first `limit` of a plan's jobs again, and notes that it was asked for where more are left.
    ///
    /// - Returns: nil where the domain has no such plan.
    mutating func retryPlan(
        _ id: PlanID, _ domain: DomainID, limit: Int = .max, at now: Timestamp
    ) -> PlanRetryStep? {
        guard plan(id)?.plan.domainID == domain else { return nil }
        return retryJobs(of: id, after: JobID(0), limit: limit, at: now)
    }

    /// Ends by the clock, where there is one.
    mutating func continueRetry(
        of id: PlanID, limit: Int, at now: Timestamp, until clock: StepClock? = nil
    ) -> PlanRetryStep {
        var done = PlanRetryStep(retried: 0, obstacle: nil, isLast: true)
        // One that has come to its end again may have been removed meanwhile.
        guard plan(id) != nil else {
            retries[id] = nil
            return done
        }
        while let after = retries[id] {
            done.add(retryJobs(of: id, after: after, limit: clock == nil ? limit : 1, at: now))
            guard let clock, !clock.isUsedUp else { break }
        }
        return done
    }

    private mutating func retryJobs(
        of id: PlanID, after: JobID, limit: Int, at now: Timestamp
    ) -> PlanRetryStep {
        retries[id] = nil
        guard plan(id)?.plan.status != .cancelled else {
            return PlanRetryStep(retried: 0, obstacle: .planCancelled, isLast: true)
        }
        let all = jobs.filter { row in
            row.job.planID == id && row.job.id > after && (row.job.status == .failed || row.job.status == .retrying)
        }
        let rows = all.prefix(limit)
        if rows.count < all.count { retries[id] = rows.last?.job.id }
        let failed = rows.filter { $0.job.status == .failed }
        let replayable = failed.filter { obstacle(to: $0) == nil }
        let waiting = rows.filter { $0.job.status == .retrying && obstacle(to: $0) == nil }
        let obstacles = failed.compactMap { obstacle(to: $0) }
        replay(replayable, of: id, at: now)
        for row in waiting { hasten(row, at: now) }
        return PlanRetryStep(
            retried: replayable.count + waiting.count, obstacle: obstacles.first, isLast: rows.count == all.count)
    }

    mutating func retryJob(
        _ id: JobID, _ domain: DomainID, epoch: Int64?, at now: Timestamp
    ) -> JobRetryOutcome {
        guard let row = job(id), plan(row.job.planID)?.plan.domainID == domain else { return .unknown }
        guard epoch == nil || epoch == row.job.epoch else { return .refused(.status(row.job.status)) }
        if let obstacle = obstacle(to: row) { return .refused(obstacle) }
        if row.job.status == .failed { replay([row], of: row.job.planID, at: now) } else { hasten(row, at: now) }
        return .retried
    }

    func obstacle(to row: JobRow) -> RetryObstacle? {
        guard row.job.status == .failed || row.job.status == .retrying else { return .status(row.job.status) }
        if plan(row.job.planID)?.plan.status == .cancelled { return .planCancelled }
        if target(row.job.targetID)?.isDeleted != false { return .targetDeleted }
        return row.payload == nil ? .payloadGone : nil
    }

    mutating func replay(_ rows: [JobRow], of id: PlanID, at now: Timestamp) {
        guard !rows.isEmpty else { return }
        for row in rows {
            change(row.job.id) { row in
                row.job.status = .queued
                row.job.epoch += 1
                row.job.scheduleStep = 0
                row.job.nextAttemptAt = nil
                row.job.updatedAt = now
                row.diedAt = nil
                row.owesDeadLetter = false
            }
            move(id, from: .failed, to: .queued)
        }
        if plan(id)?.plan.status.isFinal == true {
            change(id) { row in
                row.plan.status = row.plan.counts.planStatus(hasBegun: row.hasBegun)
                row.plan.completedAt = nil
            }
            owe(id, at: now) { $0.planReopened($1, $2.facts, status: $2.plan.status, counts: $2.plan.counts) }
        }
        for row in rows {
            if let job = job(row.job.id)?.job { tell(.replayed, of: job, receipt: nil, at: now) }
        }
    }

    private mutating func hasten(_ row: JobRow, at now: Timestamp) {
        change(row.job.id) { row in
            row.job.epoch += 1
            row.job.nextAttemptAt = now
            row.job.updatedAt = now
        }
        if let job = job(row.job.id)?.job { tell(.retrying, of: job, receipt: nil, at: now) }
    }
}
