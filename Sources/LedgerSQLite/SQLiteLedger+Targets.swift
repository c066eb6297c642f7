package import Distribution

extension SQLiteLedger {
    package func createTarget(_ target: NewTarget) async throws(LedgerError) -> Target {
        try await writer.perform { try $0.createTarget(target) }
    }

    package func updateTarget(_ id: TargetID, _ change: TargetChange) async throws(LedgerError) -> Target? {
        try await writer.perform { try $0.updateTarget(id, change) }
    }

    package func endPause(of id: TargetID, at now: Timestamp) async throws(LedgerError) -> Target? {
        try await writer.perform { try $0.endPause(of: id, at: now) }
    }

    /// Deletes in one transaction with the first open jobs; what is beyond is cancelled in steps before this returns, or
    /// on the next start where the process ends meanwhile.
    package func deleteTarget(_ id: TargetID) async throws(LedgerError) -> Target? {
        let now = services.time.now()
        let (target, isDone) = try await writer.perform { context -> (Target?, Bool) in
            guard let target = try context.deleteTarget(id, at: now) else { return (nil, true) }
            return (target, try context.cancelOrphans(at: now, limit: Self.sharedPart))
        }
        guard !isDone else { return target }
        writer.crashPoints?.reached(.deletionStepCommitted)
        try await cancelOrphans(at: now)
        return target
    }

    func cancelOrphans(at now: Timestamp) async throws(LedgerError) {
        var isDone = false
        while !isDone {
            isDone = try await writer.performStep(.full, usesReserve: false) { context, clock in
                try context.cancelOrphans(at: now, limit: Self.stepLimit, until: clock)
            }.value
        }
    }

    package func allTargets() async throws(LedgerError) -> [Target] {
        let sealer = services.sealer
        return try await read { database in
            try database.query(
                "SELECT \(TargetRow.columns) FROM distribution_targets WHERE deletedAt IS NULL ORDER BY id"
            ).all { try TargetRow(columns: $0).opened(with: sealer) }
        }
    }

    package func queuesOfDeletedTargets(since moment: Timestamp) async throws(LedgerError) -> [TargetQueue] {
        try await read { database in
            var select = try database.query(
                "SELECT id, channelType, queueType FROM distribution_targets WHERE deletedAt >= ? ORDER BY id")
            select.bind(moment)
            return try select.all { row in
                TargetQueue(targetID: row.id(0), channelType: try row.value(1), type: try row.value(2))
            }
        }
    }

    package func bodySizesOfOpenJobs(perTarget limit: Int) async throws(LedgerError) -> [TargetID: [Int]] {
        try await read { database in
            let targets: [TargetID] = try database.query(
                "SELECT id FROM distribution_targets WHERE deletedAt IS NULL"
            ).all { $0.id(0) }
            var sizes: [TargetID: [Int]] = [:]
            for target in targets {
                // SQLite knows a blob's length without reading it.
                var select = try database.query(
                    """
                    SELECT length(b.bytes) FROM distribution_jobs AS j INDEXED BY jobs_open_by_target
                    JOIN distribution_payloads AS b ON b.id = j.payloadId
                    WHERE j.targetId = ? AND j.endedAt IS NULL ORDER BY j.id LIMIT ?
                    """)
                select.bind(target)
                select.bind(limit)
                let found = try select.all { $0.int(0) }
                if !found.isEmpty { sizes[target] = found }
            }
            return sizes
        }
    }
}
