import Distribution

extension WriteContext {
    func target(_ id: TargetID) throws -> TargetRow? {
        // The columns of ``TargetRow/columns``; a literal, so that it is prepared once.
        var select = try query(
            """
            SELECT id, domainId, channelType, name, configJson, credentials, deliveryJson, active, disabledReason,
                   pausedUntil, pauseReason, queueType, createdAt, updatedAt, revision, failingSince, circuitOpenedAt,
                   circuitProbeAt, circuitPauseMs
            FROM distribution_targets WHERE id = ? AND deletedAt IS NULL
            """)
        select.bind(id)
        return try select.first(TargetRow.init(columns:))
    }

    func createTarget(_ draft: NewTarget) throws -> Target {
        var insert = try query(
            """
            INSERT INTO distribution_targets (domainId, channelType, name, configJson, deliveryJson, active, queueType,
                revision, createdAt, updatedAt)
            VALUES (?, ?, ?, ?, ?, 1, ?, 1, ?, ?)
            """)
        insert.bind(draft.domainID)
        insert.bind(draft.channelType.rawValue)
        insert.bind(draft.name)
        insert.bind(text: JSON.object(draft.configuration).serialized())
        insert.bind(text: draft.delivery.json.serialized())
        insert.bind(draft.queueType.rawValue)
        insert.bind(draft.createdAt)
        insert.bind(draft.createdAt)
        try insert.run()
        memory.liveTargets = nil
        let id = TargetID(insertedID)
        try store(draft.credentials, of: id)
        let target = try existing(id)
        try owe(at: draft.createdAt) { $0.target(.created, $1, target, reason: nil) }
        return target
    }

    /// Replaces what a target says of itself and makes everybody prepare it anew.
    func updateTarget(_ id: TargetID, _ change: TargetChange) throws -> Target? {
        if case .paused = change.rest { _ = try endPause(of: id, at: change.changedAt) }
        guard var target = try target(id)?.target else { return nil }
        let before = target
        target.apply(change)
        var update = try query(
            """
            UPDATE distribution_targets
            SET name = ?, configJson = ?, deliveryJson = ?, active = ?, disabledReason = ?, pausedUntil = ?,
                pauseReason = ?, failingSince = ?, revision = revision + 1, updatedAt = ?
            WHERE id = ? AND deletedAt IS NULL
            """)
        update.bind(target.name)
        update.bind(text: JSON.object(target.configuration).serialized())
        update.bind(text: target.delivery.json.serialized())
        update.bind(target.isActive)
        update.bind(target.disabledReason)
        update.bind(target.pause?.until)
        update.bind(target.pause?.reason)
        update.bind(target.failingSince)
        update.bind(change.changedAt)
        update.bind(id)
        try runOnce(update)
        if before.circuit != nil, target.circuit == nil { try note(.closed, of: id) }
        if let credentials = change.credentials { try store(credentials, of: id) }
        let updated = try existing(id)
        let (event, reason) = change.event(from: before, to: updated)
        try owe(at: change.changedAt) { $0.target(event, $1, updated, reason: reason) }
        return updated
    }

    /// Writes down what an attempt has shown about its target.
    ///
    /// - Returns: The target as it stands since; nil where nothing has changed.
    func apply(_ finding: TargetFinding, to id: TargetID, at time: Timestamp) throws -> Target? {
        switch finding {
        case .throttled(let until, let reason):
            return try pauseTarget(id, TargetPause(until: until, reason: reason), at: time)
        case .failing(let since): return try note(failingSince: since, of: id, at: time)
        case .recovered: return try note(failingSince: nil, of: id, at: time)
        case .failedTooLong(let since):
            return try disableTarget(id, reason: TargetFinding.exhaustion(since: since), at: time)
        }
    }

    /// Pauses a target, unless it is paused for longer; tells of it where it was not paused.
    private func pauseTarget(_ id: TargetID, _ pause: TargetPause, at time: Timestamp) throws -> Target? {
        _ = try endPause(of: id, at: time)
        guard let present = try target(id)?.target else { return nil }
        let standing = present.pause
        if let standing, !pause.outlasts(standing) { return nil }
        var update = try query(
            """
            UPDATE distribution_targets SET pausedUntil = ?, pauseReason = ?, revision = revision + 1, updatedAt = ?
            WHERE id = ? AND deletedAt IS NULL
            """)
        update.bind(pause.until)
        update.bind(pause.reason)
        update.bind(time)
        update.bind(id)
        try runOnce(update)
        let paused = try existing(id)
        if standing == nil { try owe(at: time) { $0.target(.paused, $1, paused, reason: pause.reason) } }
        return paused
    }

    private func note(failingSince: Timestamp?, of id: TargetID, at time: Timestamp) throws -> Target? {
        var update = try query(
            """
            UPDATE distribution_targets SET failingSince = ?, revision = revision + 1, updatedAt = ?
            WHERE id = ? AND deletedAt IS NULL
            """)
        update.bind(failingSince)
        update.bind(time)
        update.bind(id)
        try update.run()
        return changedRows == 1 ? try existing(id) : nil
    }

    /// An active target → disabled; one that is disabled already keeps its first reason.
    ///
    /// - Returns: The target as it stands since; nil where it was not active.
    func disableTarget(_ id: TargetID, reason: String, at time: Timestamp) throws -> Target? {
        var update = try query(
            """
            UPDATE distribution_targets SET active = 0, disabledReason = ?, revision = revision + 1, updatedAt = ?
            WHERE id = ? AND active = 1 AND deletedAt IS NULL
            """)
        update.bind(reason)
        update.bind(time)
        update.bind(id)
        try update.run()
        guard changedRows == 1 else { return nil }
        let target = try existing(id)
        try owe(at: time) { $0.target(.disabled, $1, target, reason: reason) }
        return target
    }

    /// Marks a target as deleted and destroys its credentials. Its jobs are cancelled by ``cancelOrphans(at:limit:until:)``.
    func deleteTarget(_ id: TargetID, at now: Timestamp) throws -> Target? {
        guard var target = try target(id)?.target else { return nil }
        var update = try query(
            """
            UPDATE distribution_targets
            SET active = 0, credentials = NULL, deletedAt = ?, updatedAt = ?, revision = revision + 1
            WHERE id = ? AND deletedAt IS NULL
            """)
        update.bind(now)
        update.bind(now)
        update.bind(id)
        try runOnce(update)
        memory.liveTargets = nil
        target.isActive = false
        target.updatedAt = now
        target.revision += 1
        target.credentials = .unavailable(reason: "The target is deleted.")
        let deleted = target
        try owe(at: now) { $0.target(.deleted, $1, deleted, reason: nil) }
        return target
    }

    /// Cancels up to `limit` open jobs of deleted targets, by id, until the clock ends it.
    ///
    /// - Returns: Whether none is left.
    func cancelOrphans(at now: Timestamp, limit: Int, until clock: StepClock? = nil) throws -> Bool {
        var select = try query(
            """
            SELECT j.id FROM distribution_targets AS t
            CROSS JOIN distribution_jobs AS j INDEXED BY jobs_open_by_target
            WHERE t.deletedAt IS NOT NULL AND j.targetId = t.id AND j.endedAt IS NULL AND j.status <> 'cancelled'
            LIMIT ?
            """)
        select.bind(limit)
        let ids: [JobID] = try select.all { $0.id(0) }
        for (place, id) in ids.sorted().enumerated() {
            if place > 0, place % Self.movedPart == 0, clock?.isUsedUp == true { return false }
            guard let row = try job(id) else { continue }
            try end(row, as: .cancelled, nil, at: now)
        }
        return ids.count < limit
    }

    private func store(_ credentials: [String: Secret], of id: TargetID) throws {
        var update = try query("UPDATE distribution_targets SET credentials = ? WHERE id = ?")
        update.bind(blob: try TargetCredentials.seal(credentials, of: id, sealer: services.sealer))
        update.bind(id)
        try runOnce(update)
    }

    func existing(_ id: TargetID) throws -> Target {
        guard let row = try target(id) else {
            throw LedgerError(kind: .invalid, message: "A target that was just written is not there.")
        }
        return row.opened(with: services.sealer)
    }
}
