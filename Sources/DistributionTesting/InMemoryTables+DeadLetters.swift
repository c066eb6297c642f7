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

    mutating func advanceDeadLetterRun(
        _ id: DeadLetterRunID, limit: Int, at now: Timestamp, until clock: StepClock?
    ) -> DeadLetterRunStep? {
        guard let place = runs.firstIndex(where: { $0.id == id && $0.status == .running }) else { return nil }
        var run = runs[place]
        let limit = min(max(limit, 1), 200, run.rest)
        let ids = letters(run.domainID, run.taken, after: run.position)
        let chosen = ids.prefix(limit)
        var (looked, handled) = (0, 0)
        while looked < chosen.count {
            let part = chosen[looked...].prefix(clock == nil ? limit : 1)
            handled += handle(part, of: run, at: now)
            looked += part.count
            if clock?.isUsedUp == true { break }
        }
        let last = looked == ids.count ? nil : looked > 0 ? ids[looked - 1] : run.position
        run.advance(looked: looked, handled: handled, last: last, at: now)
        runs[place] = run
        return DeadLetterRunStep(run: run, handled: handled)
    }

    private mutating func handle(_ ids: ArraySlice<JobID>, of run: DeadLetterRun, at now: Timestamp) -> Int {
        let rows = ids.compactMap { job($0) }.filter { row in
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
        return handled
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

    mutating func purgeDeadLetters(
        diedBefore moment: Timestamp, limit: Int, at now: Timestamp, until clock: StepClock?
    ) -> RetentionStep {
        let old = keptJobs.filter { row in row.isDeadLetter && row.diedAt.map { $0 < moment } == true }
            .sorted { ($0.diedAt ?? now, $0.job.id) < ($1.diedAt ?? now, $1.job.id) }
        var rows = 0
        for row in old.prefix(limit) {
            purge(row.job.id, at: now)
            rows += 1
            if clock?.isUsedUp == true { break }
        }
        return RetentionStep(rows, isLast: rows == old.count && rows < limit, clock)
    }

    mutating func releasePayloads(
        ofPlansEndedBefore moment: Timestamp, limit: Int, at now: Timestamp, until clock: StepClock?
    ) -> RetentionStep {
        let old = Set(endedPlans(before: moment))
        let jobs = keptJobs.filter { old.contains($0.job.planID) && $0.payload != nil }
        var rows = 0
        for row in jobs.prefix(limit) {
            if row.isDeadLetter { purge(row.job.id, at: now) } else { change(row.job.id) { $0.payload = nil } }
            rows += 1
            if clock?.isUsedUp == true { break }
        }
        return RetentionStep(rows, isLast: rows == jobs.count, clock)
    }

    mutating func removePlans(endedBefore moment: Timestamp, limit: Int, until clock: StepClock?) -> RetentionStep {
        var (jobs, rows) = (0, 0)
        while jobs < limit, let removal = removals.first ?? beginRemoval(endedBefore: moment, &rows) {
            let size = clock == nil ? limit - jobs : 1
            let last = min(JobID(removal.firstJobID.rawValue + Int64(size) - 1), removal.lastJobID)
            let range = removal.firstJobID...last
            let removed = self.jobs.filter { range.contains($0.job.id) }
            rows += removed.reduce(0) { $0 + 1 + $1.attempts.count + ($1.receipt == nil ? 0 : 1) }
            self.jobs.removeAll { range.contains($0.job.id) }
            jobs += Int(last.rawValue - removal.firstJobID.rawValue) + 1
            removals.removeFirst()
            if last < removal.lastJobID {
                removals.insert(
                    PlanRemoval(
                        planID: removal.planID, firstJobID: JobID(last.rawValue + 1), lastJobID: removal.lastJobID),
                    at: 0)
            }
            if clock?.isUsedUp == true { return RetentionStep(rows, isLast: false, clock) }
        }
        return RetentionStep(rows, isLast: removals.isEmpty && jobs < limit, clock)
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

    mutating func removeDeadLetterRuns(
        endedBefore moment: Timestamp, limit: Int, until clock: StepClock?
    ) -> RetentionStep {
        let old = runs.filter { run in run.endedAt.map { $0 < moment } == true }.map(\.id)
        var rows = 0
        for id in old.prefix(limit) {
            runs.removeAll { $0.id == id }
            rows += 1
            if clock?.isUsedUp == true { break }
        }
        return RetentionStep(rows, isLast: rows == old.count && rows < limit, clock)
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

extension RetentionStep {
    fileprivate init(_ rows: Int, isLast: Bool, _ clock: StepClock?) {
        self.init(rows: rows, isLast: isLast, heldMilliseconds: clock?.elapsed ?? 0)
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
