import Distribution

extension InMemoryTables {
    // MARK: Runs

    func countDeadLetters(
        _ domain: DomainID, _ selection: DeadLetterSelection, for kind: DeadLetterRun.Kind
    ) -> DeadLetterCount {
        let ids = letters(domain, selection, after: JobID(0))
        let handled = ids.count { id in
            guard let row = job(id), isLetter(row, of: domain) else { return false }
            return kind == .purge || obstacle(to: row) == nil
        }
        return DeadLetterCount(handled: handled, skipped: ids.count - handled)
    }

    mutating func createDeadLetterRun(
        _ new: NewDeadLetterRun, total: Int, at now: Timestamp
    ) -> DeadLetterRunAcceptance {
        let known = runs.first {
            new.idempotencyKey != nil && $0.idempotencyKey == new.idempotencyKey && $0.domainID == new.domainID
        }
        if let known { return new.isRepeated(by: known) ? .repeated(known) : .keyReused(known.id) }
        lastRunID += 1
        let run = DeadLetterRun(
            id: DeadLetterRunID(lastRunID), domainID: new.domainID, kind: new.kind, selection: new.selection,
            idempotencyKey: new.idempotencyKey, ratePerSecond: new.ratePerSecond, limit: new.limit, total: total,
            createdAt: now, updatedAt: now)
        runs.append(run)
        return .created(run)
    }

    mutating func advanceDeadLetterRun(_ id: DeadLetterRunID, limit: Int, at now: Timestamp) -> DeadLetterRunStep? {
        guard let place = runs.firstIndex(where: { $0.id == id && $0.status == .running }) else { return nil }
        var run = runs[place]
        let limit = min(max(limit, 1), 200, run.rest)
        let ids = letters(run.domainID, run.taken, after: run.position)
        let chosen = ids.prefix(limit)
        let rows = chosen.compactMap { job($0) }.filter { row in
            isLetter(row, of: run.domainID) && row.diedAt.map { $0 < run.taken.diedBefore ?? $0 } == true
        }
        var handled = 0
        for (planID, rows) in Dictionary(grouping: rows, by: \.job.planID).sorted(by: { $0.key < $1.key }) {
            let handleable = run.kind == .purge ? rows : rows.filter { obstacle(to: $0) == nil }
            handled += handleable.count
            switch run.kind {
            case .replay: replay(handleable, of: planID, at: now)
            case .purge: for row in handleable { purge(row.job.id, at: now) }
            }
        }
        run.advance(
            looked: chosen.count, handled: handled, last: ids.count > chosen.count ? chosen.last : nil, at: now)
        runs[place] = run
        return DeadLetterRunStep(run: run, handled: handled)
    }

    mutating func cancelDeadLetterRun(
        _ id: DeadLetterRunID, _ domain: DomainID, at now: Timestamp
    ) -> DeadLetterRun? {
        guard let place = runs.firstIndex(where: { $0.id == id && $0.domainID == domain }) else { return nil }
        let before = runs[place]
        if before.status == .running { runs[place].end(as: .cancelled, at: now) }
        return before
    }

    /// By id; jobs that are named whether or not they are dead letters.
    private func letters(_ domain: DomainID, _ selection: DeadLetterSelection, after: JobID) -> [JobID] {
        let ids =
            selection.jobIDs?.sorted()
            ?? jobs.filter { isLetter($0, of: domain) && $0.matches(selection) }
            .map(\.job.id)
        return ids.filter { $0 > after }
    }

    private func isLetter(_ row: JobRow, of domain: DomainID) -> Bool {
        row.isDeadLetter && plan(row.job.planID)?.plan.domainID == domain
    }

    // MARK: Retention

    mutating func purge(_ id: JobID, at now: Timestamp) {
        change(id) { row in
            row.payload = nil
            row.owesDeadLetter = false
            row.isPurged = true
            row.job.updatedAt = now
        }
    }

    mutating func purgeDeadLetters(diedBefore moment: Timestamp, limit: Int, at now: Timestamp) -> RetentionStep {
        let old = keptJobs.filter { row in row.isDeadLetter && row.diedAt.map { $0 < moment } == true }
            .sorted { ($0.diedAt ?? now, $0.job.id) < ($1.diedAt ?? now, $1.job.id) }
        for row in old.prefix(limit) { purge(row.job.id, at: now) }
        return RetentionStep(rows: min(old.count, limit), isLast: old.count < limit)
    }

    mutating func releasePayloads(
        ofPlansEndedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) -> RetentionStep {
        let old = Set(endedPlans(before: moment))
        let jobs = keptJobs.filter { old.contains($0.job.planID) && $0.payload != nil }
        for row in jobs.prefix(limit) {
            if row.isDeadLetter { purge(row.job.id, at: now) } else { change(row.job.id) { $0.payload = nil } }
        }
        return RetentionStep(rows: min(jobs.count, limit), isLast: jobs.count <= limit)
    }

    mutating func removePlans(endedBefore moment: Timestamp, limit: Int) -> RetentionStep {
        var (jobs, rows) = (0, 0)
        while jobs < limit, let removal = removals.first ?? beginRemoval(endedBefore: moment, &rows) {
            let last = min(JobID(removal.firstJobID.rawValue + Int64(limit - jobs) - 1), removal.lastJobID)
            let range = removal.firstJobID...last
            let removed = self.jobs.filter { range.contains($0.job.id) }
            rows += removed.reduce(0) { $0 + 1 + $1.attempts.count + ($1.receipt == nil ? 0 : 1) }
            self.jobs.removeAll { range.contains($0.job.id) }
            jobs += Int(last.rawValue - removal.firstJobID.rawValue) + 1
            removals.removeFirst()
            guard last < removal.lastJobID else { continue }
            removals.insert(
                PlanRemoval(
                    planID: removal.planID, firstJobID: JobID(last.rawValue + 1), lastJobID: removal.lastJobID),
                at: 0)
        }
        return RetentionStep(rows: rows, isLast: removals.isEmpty && jobs < limit)
    }

    private mutating func beginRemoval(endedBefore moment: Timestamp, _ rows: inout Int) -> PlanRemoval? {
        let owedSince = events.first.flatMap { UUIDv7.time(of: $0.event.id) }
        guard owedSince.map({ $0 >= moment }) ?? true, let id = endedPlans(before: moment).first else { return nil }
        let ids = jobs.map(\.job).filter { $0.planID == id }.map(\.id)
        guard let first = ids.first, let last = ids.last else { return nil }
        plans.removeAll { $0.plan.id == id }
        rows += 1
        let removal = PlanRemoval(planID: id, firstJobID: first, lastJobID: last)
        removals.append(removal)
        return removal
    }

    /// The oldest first.
    private func endedPlans(before moment: Timestamp) -> [PlanID] {
        let busy = Set(jobs.filter { $0.openAttempt != nil }.map(\.job.planID))
        return plans.map(\.plan).filter { plan in
            plan.status.isFinal && plan.completedAt.map { $0 < moment } == true && !busy.contains(plan.id)
        }.sorted { ($0.completedAt ?? moment, $0.id) < ($1.completedAt ?? moment, $1.id) }.map(\.id)
    }

    mutating func removeDeadLetterRuns(endedBefore moment: Timestamp, limit: Int) -> RetentionStep {
        let old = runs.filter { run in run.endedAt.map { $0 < moment } == true }.prefix(limit).map(\.id)
        runs.removeAll { old.contains($0.id) }
        return RetentionStep(rows: old.count, isLast: old.count < limit)
    }

    /// Jobs of plans that are not being removed.
    var keptJobs: [JobRow] {
        removals.isEmpty ? jobs : jobs.filter { plan($0.job.planID) != nil }
    }

    /// Whether a job and its plan had these ids once.
    func wasRemoved(_ claim: JobClaim) -> Bool {
        claim.jobID.rawValue <= lastJobID && claim.planID.rawValue <= lastPlanID && plan(claim.planID) == nil
    }
}

extension InMemoryTables.JobRow {
    package var isDeadLetter: Bool { diedAt != nil && !isPurged }

    fileprivate func matches(_ selection: DeadLetterSelection) -> Bool {
        guard let diedAt else { return false }
        return selection.planID ?? job.planID == job.planID && selection.targetID ?? job.targetID == job.targetID
            && selection.channelType ?? job.channelType == job.channelType
            && (selection.errorCode == nil || selection.errorCode == job.lastError?.code)
            && (selection.diedFrom.map { diedAt >= $0 } ?? true)
            && (selection.diedBefore.map { diedAt < $0 } ?? true)
    }
}
