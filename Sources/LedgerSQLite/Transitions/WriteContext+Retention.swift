import Distribution

extension WriteContext {
    /// Purges letters that were found beside the writer, each where it is still as old.
    func purgeDeadLetters(
        _ found: [JobID], diedBefore moment: Timestamp, isLast: Bool, at now: Timestamp
    ) throws -> RetentionStep {
        let clock = StepClock(services.time)
        var rows = 0
        for (index, id) in found.enumerated() {
            guard index % Self.partSize != 0 || !clock.isUsedUp else { return clock.step(rows, isLast: false) }
            guard let row = try deadLetter(id, of: nil, diedBefore: moment) else { continue }
            try purge([row], at: now)
            rows += 1
        }
        return clock.step(rows, isLast: isLast)
    }

    /// Releases the bytes of plans that were found beside the writer, each where it is still as old; of a large one no
    /// more than `limit` jobs.
    func releasePayloads(
        ofPlans found: [PlanID], endedBefore moment: Timestamp, limit: Int, isLast: Bool, at now: Timestamp
    ) throws -> RetentionStep {
        let clock = StepClock(services.time)
        var rows = 0
        for (index, id) in found.enumerated() {
            guard rows < limit, index % Self.partSize != 0 || !clock.isUsedUp else {
                return clock.step(rows, isLast: false)
            }
            guard let jobs = try jobRange(of: id, endedBefore: moment) else { continue }
            let (released, isWhole) = try releasePayloads(in: jobs, limit: limit - rows, at: now)
            rows += released
            guard isWhole else { return clock.step(rows, isLast: false) }
            var update = try query("UPDATE distribution_plans SET bytesReleased = 1 WHERE id = ?")
            update.bind(id)
            try update.run()
        }
        return clock.step(rows, isLast: isLast)
    }

    private func releasePayloads(
        in jobs: ClosedRange<JobID>, limit: Int, at now: Timestamp
    ) throws -> (released: Int, isWhole: Bool) {
        var select = try query(
            """
            SELECT id FROM distribution_jobs WHERE id BETWEEN ? AND ? AND payloadId IS NOT NULL ORDER BY id LIMIT ?
            """)
        select.bind(jobs.lowerBound)
        select.bind(jobs.upperBound)
        select.bind(limit + 1)
        let ids: [JobID] = try select.all { $0.id(0) }
        let chosen = ids.prefix(limit)
        guard let first = chosen.first, let last = chosen.last else { return (0, ids.isEmpty) }
        try releasePayloads(of: first...last)
        var update = try query(
            """
            UPDATE distribution_jobs
            SET payloadId = NULL, deadLetter = CASE WHEN deadLetter IS NULL THEN NULL ELSE 'purged' END,
                updatedAt = CASE WHEN deadLetter IS NULL THEN updatedAt ELSE ? END
            WHERE id BETWEEN ? AND ? AND payloadId IS NOT NULL
            """)
        update.bind(now)
        update.bind(first)
        update.bind(last)
        try update.run()
        return (chosen.count, ids.count <= limit)
    }

    /// The ids of a plan's jobs where it is still as old, and at its end with all of them.
    private func jobRange(of id: PlanID, endedBefore moment: Timestamp) throws -> ClosedRange<JobID>? {
        var select = try query(
            "SELECT firstJobId, lastJobId FROM distribution_plans WHERE id = ? AND completedAt < ?")
        select.bind(id)
        select.bind(moment)
        return try select.first { row -> ClosedRange<JobID>? in
            let (first, last): (JobID, JobID) = (row.id(0), row.id(1))
            return first <= last ? first...last : nil
        } ?? nil
    }

    // MARK: Plans

    /// Goes on with the plans that are being removed, then begins with those that were found beside the writer.
    func removePlans(
        _ found: [PlanID], endedBefore moment: Timestamp, limit: Int, isLast: Bool
    ) throws -> RetentionStep {
        let clock = StepClock(services.time)
        var (jobs, rows) = (0, 0)
        for removal in try planRemovals() {
            let part = try goOn(with: removal, limit: limit - jobs)
            jobs += part.jobs
            rows += part.rows
            guard part.isWhole, jobs < limit else { return clock.step(rows, isLast: false) }
        }
        for (index, id) in found.enumerated() {
            guard jobs < limit, index % Self.partSize != 0 || !clock.isUsedUp else {
                return clock.step(rows, isLast: false)
            }
            guard let range = try jobRange(of: id, endedBefore: moment) else { continue }
            var delete = try query("DELETE FROM distribution_plans WHERE id = ?")
            delete.bind(id)
            try delete.run()
            memory.forget(id)
            let removal = PlanRemoval(planID: id, firstJobID: range.lowerBound, lastJobID: range.upperBound)
            let part = try goOn(with: removal, limit: limit - jobs)
            jobs += part.jobs
            rows += part.rows + 1
            guard part.isWhole else { return clock.step(rows, isLast: false) }
        }
        return clock.step(rows, isLast: isLast)
    }

    /// Removes the next jobs of a plan with their attempts and receipts, and notes what is left.
    private func goOn(
        with removal: PlanRemoval, limit: Int
    ) throws -> (jobs: Int, rows: Int, isWhole: Bool) {
        let last = min(JobID(removal.firstJobID.rawValue + Int64(limit) - 1), removal.lastJobID)
        let jobs = removal.firstJobID...last
        try releasePayloads(of: jobs)
        var rows = 0
        for sql in Self.removals {
            var delete = try query(sql)
            delete.bind(jobs.lowerBound)
            delete.bind(jobs.upperBound)
            try delete.run()
            rows += changedRows
        }
        let isWhole = last == removal.lastJobID
        if isWhole {
            var delete = try query("DELETE FROM plan_removals WHERE planId = ?")
            delete.bind(removal.planID)
            try delete.run()
        } else {
            var insert = try query(
                "INSERT OR REPLACE INTO plan_removals (planId, firstJobId, lastJobId) VALUES (?, ?, ?)")
            insert.bind(removal.planID)
            insert.bind(last.rawValue + 1)
            insert.bind(removal.lastJobID)
            try insert.run()
        }
        return (Int(last.rawValue - removal.firstJobID.rawValue) + 1, rows, isWhole)
    }

    /// The jobs last: receipts are found through them.
    private static let removals: [StaticString] = [
        """
        DELETE FROM distribution_receipts
        WHERE id IN (SELECT receiptId FROM distribution_jobs WHERE id BETWEEN ? AND ? AND receiptId IS NOT NULL)
        """,
        "DELETE FROM distribution_attempts WHERE jobId BETWEEN ? AND ?",
        "DELETE FROM distribution_jobs WHERE id BETWEEN ? AND ?",
    ]

    private func planRemovals() throws -> [PlanRemoval] {
        try query("SELECT planId, firstJobId, lastJobId FROM plan_removals ORDER BY planId")
            .all(PlanRemoval.init(columns:))
    }

    func removeDeadLetterRuns(endedBefore moment: Timestamp, limit: Int) throws -> RetentionStep {
        let clock = StepClock(services.time)
        var delete = try query(
            """
            DELETE FROM dead_letter_runs WHERE id IN (
                SELECT id FROM dead_letter_runs INDEXED BY runs_by_end
                WHERE endedAt IS NOT NULL AND endedAt < ? ORDER BY endedAt LIMIT ?)
            """)
        delete.bind(moment)
        delete.bind(limit)
        try delete.run()
        return clock.step(changedRows, isLast: changedRows < limit)
    }

    /// Rows between two looks at the clock.
    private static let partSize = 10
}

extension StepClock {
    fileprivate func step(_ rows: Int, isLast: Bool) -> RetentionStep {
        RetentionStep(rows: rows, isLast: isLast, heldMilliseconds: elapsed)
    }
}

extension PlanRemoval {
    init(columns: Columns) throws {
        self.init(planID: columns.id(0), firstJobID: columns.id(1), lastJobID: columns.id(2))
    }
}
