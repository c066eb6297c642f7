import Distribution

extension InMemoryTables {
    // MARK: Calling off

    mutating func cancelPlan(_ cancellation: PlanCancellation, at now: Timestamp) -> PlanRecall {
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
            cancel(id, at: now)
            return .cancelled(id)
        case .cancelled: return .repeated(id)
        case .succeeded, .partial, .failed: return .ended(id, plan.status)
        }
    }

    mutating func cancel(_ id: PlanID, at now: Timestamp) {
        change(id) { row in
            row.plan.status = .cancelled
            row.plan.completedAt = now
        }
        for row in jobs where row.job.planID == id && !row.job.status.isFinal {
            end(row, as: .cancelled, row.job.lastError, at: now)
        }
        owe(id, at: now) { $0.planCancelled($1, $2.facts, status: .cancelled, counts: $2.plan.counts) }
    }

    mutating func cancelJob(_ id: JobID, _ domain: DomainID, at now: Timestamp) -> JobRecall {
        guard let row = job(id), plan(row.job.planID)?.plan.domainID == domain else { return .unknown }
        if row.job.status == .cancelled { return .repeated }
        guard !row.job.status.isFinal else { return .ended(row.job.status) }
        end(row, as: .cancelled, row.job.lastError, at: now)
        return .cancelled
    }

    // MARK: Trying again

    mutating func retryPlan(_ id: PlanID, _ domain: DomainID, at now: Timestamp) -> PlanRetryOutcome {
        guard let plan = plan(id)?.plan, plan.domainID == domain else { return .unknown }
        guard plan.status != .cancelled else { return .refused(.planCancelled) }
        let rows = jobs.filter { $0.job.planID == id }
        let failed = rows.filter { $0.job.status == .failed }
        let replayable = failed.filter { obstacle(to: $0) == nil }
        let waiting = rows.filter { $0.job.status == .retrying && obstacle(to: $0) == nil }
        guard !replayable.isEmpty || !waiting.isEmpty else {
            return .refused(failed.first.flatMap { obstacle(to: $0) } ?? .status(plan.counts.telling))
        }
        replay(replayable, of: id, at: now)
        for row in waiting { hasten(row, at: now) }
        return .retried(replayable.count + waiting.count)
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
