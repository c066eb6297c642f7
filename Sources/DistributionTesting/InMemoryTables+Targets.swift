package import Distribution

extension InMemoryTables {
    // MARK: Owed

    /// Without those that have a time of their plan.
    package var owedJobs: [OwedJob] {
        unpublishedJobs.filter { !$0.job.isScheduled }.compactMap(\.owed)
    }

    /// Jobs of active targets that wait for the time of their plan or are owed since then, in their order.
    package var scheduledJobs: [OwedJob] {
        unpublishedJobs.filter(\.job.isScheduled).compactMap(\.owed)
            .sorted { $0.schedulePosition < $1.schedulePosition }
    }

    private var unpublishedJobs: [JobRow] {
        let active = Set(liveTargets.filter(\.isActive).map(\.id))
        return jobs.filter { row in
            // One that is attempted without its message owes none.
            [.queued, .retrying].contains(row.job.status) && row.job.publishedEpoch < row.job.epoch
                && active.contains(row.job.targetID)
        }
    }

    /// Whatever the target does.
    func nextDueTime(after moment: Timestamp) -> Timestamp? {
        jobs.lazy.map(\.job).filter(\.isScheduled).compactMap(\.nextAttemptAt).filter { $0 > moment }.min()
    }

    mutating func confirm(_ published: PublishedEpoch) {
        change(published.jobID) { row in
            guard published.epoch <= row.job.epoch else { return }
            row.job.publishedEpoch = max(row.job.publishedEpoch, published.epoch)
        }
    }

    mutating func reissue(_ id: JobID, epoch: Int64) -> OwedJob? {
        guard let job = job(id)?.job, job.epoch == epoch, job.status == .queued || job.status == .retrying else {
            return nil
        }
        change(id) { $0.job.epoch += 1 }
        return self.job(id)?.owed
    }

    mutating func reissueOpenJobs(of targetID: TargetID, after: JobID, limit: Int) -> JobID? {
        let waiting: [Job] = jobs.map(\.job).filter { job in
            job.targetID == targetID && (job.status == .queued || job.status == .retrying)
        }
        let confirmed = waiting.filter { $0.id > after && $0.publishedEpoch == $0.epoch }.prefix(limit)
        for job in confirmed { change(job.id) { $0.job.epoch += 1 } }
        return confirmed.last?.id
    }

    // MARK: Targets

    mutating func createTarget(_ new: NewTarget) -> Target {
        let target = Target(
            id: TargetID(Int64(targetRows.count) + 1), domainID: new.domainID, channelType: new.channelType,
            name: new.name, configuration: new.configuration, credentials: .available(new.credentials),
            delivery: new.delivery, queueType: new.queueType, createdAt: new.createdAt, updatedAt: new.createdAt)
        targetRows.append(TargetRow(target: target))
        owe(at: new.createdAt) { $0.target(.created, $1, target, reason: nil) }
        return target
    }

    mutating func updateTarget(_ id: TargetID, _ change: TargetChange) -> Target? {
        if case .paused = change.rest { _ = endPause(of: id, at: change.changedAt) }
        guard let row = target(id), !row.isDeleted else { return nil }
        var target = row.target
        target.apply(change)
        if let credentials = change.credentials { target.credentials = .available(credentials) }
        let (event, reason) = change.event(from: row.target, to: target)
        return store(target, event, reason: reason, at: change.changedAt)
    }

    mutating func apply(_ finding: TargetFinding, to id: TargetID, at time: Timestamp) -> Target? {
        guard let row = target(id), !row.isDeleted else { return nil }
        var target = row.target
        switch finding {
        case .throttled(let until, let reason):
            let pause = TargetPause(until: until, reason: reason)
            target = endPause(of: id, at: time) ?? target
            let standing = target.pause
            if let standing, !pause.outlasts(standing) { return nil }
            target.pause = pause
            return store(target, standing == nil ? .paused : nil, reason: reason, at: time)
        case .failing(let since): target.failingSince = since
        case .recovered: target.failingSince = nil
        case .failedTooLong(let since):
            return disableTarget(id, reason: TargetFinding.exhaustion(since: since), at: time)
        }
        return store(target, nil, reason: nil, at: time)
    }

    mutating func note(_ circuit: CircuitNote, of id: TargetID) {
        guard let row = target(id), !row.isDeleted else { return }
        targetRows[Int(id.rawValue) - 1].target.circuit = circuit.record
    }

    mutating func endPause(of id: TargetID, at time: Timestamp) -> Target? {
        guard let row = target(id), !row.isDeleted, let pause = row.target.pause, !pause.holds(at: time) else {
            return nil
        }
        var target = row.target
        target.pause = nil
        return store(target, .resumed, reason: pause.reason, at: time)
    }

    mutating func disableTarget(_ id: TargetID, reason: String, at time: Timestamp) -> Target? {
        guard let row = target(id), !row.isDeleted, row.target.isActive else { return nil }
        var target = row.target
        (target.isActive, target.disabledReason) = (false, reason)
        return store(target, .disabled, reason: reason, at: time)
    }

    /// - Parameter limit: Jobs that are called off with it; the rest is ``cancelOrphans(limit:until:)``'s.
    mutating func deleteTarget(_ id: TargetID, limit: Int = .max) -> Target? {
        guard let row = target(id), !row.isDeleted else { return nil }
        var target = row.target
        target.isActive = false
        target.credentials = .unavailable(reason: "The target is deleted.")
        let deleted = store(target, .deleted, reason: nil, at: latest)
        targetRows[Int(id.rawValue) - 1].isDeleted = true
        _ = cancelOrphans(limit: limit)
        return deleted
    }

    /// Cancels open jobs of deleted targets.
    ///
    /// - Returns: Whether none is left.
    mutating func cancelOrphans(limit: Int = .max, until clock: StepClock? = nil) -> Bool {
        let orphans = jobs.filter { !$0.job.status.isFinal && target($0.job.targetID)?.isDeleted == true }
        var done = 0
        for row in orphans.prefix(limit) {
            end(row, as: .cancelled, nil, at: latest)
            done += 1
            if clock?.isUsedUp == true { break }
        }
        return done == orphans.count
    }

    private mutating func store(
        _ target: Target, _ event: TargetEvent?, reason: String?, at time: Timestamp
    ) -> Target {
        var written = target
        written.revision += 1
        written.updatedAt = time
        targetRows[Int(target.id.rawValue) - 1].target = written
        if let event { owe(at: time) { [written] in $0.target(event, $1, written, reason: reason) } }
        return written
    }

    // MARK: Keys

    mutating func createKey(_ new: NewAPIKey) -> APIKey {
        let key = APIKey(
            id: Identifier(Int64(keys.count) + 1), name: new.name, domainID: new.domainID, scopes: new.scopes,
            createdAt: new.createdAt, revokedAt: nil)
        keys.append(KeyRow(key: key, digest: new.digest))
        saw(new.createdAt)
        return key
    }

    mutating func revokeKey(_ id: Identifier<APIKey>) -> Bool {
        guard let index = keys.firstIndex(where: { $0.key.id == id && $0.key.revokedAt == nil }) else { return false }
        let key = keys[index].key
        keys[index].key = APIKey(
            id: key.id, name: key.name, domainID: key.domainID, scopes: key.scopes, createdAt: key.createdAt,
            revokedAt: latest)
        return true
    }
}
