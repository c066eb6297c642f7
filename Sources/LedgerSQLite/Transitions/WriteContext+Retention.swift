import Distribution

extension WriteContext {
    /// Purges letters that were found beside the writer, each where it is still as old.
    func purgeDeadLetters(
        _ found: [JobID], diedBefore moment: Timestamp, isLast: Bool, at now: Timestamp, until clock: StepClock
    ) throws -> RetentionStep {
        var (rows, rest) = (0, found[...])
        while let id = rest.popFirst() {
            if let row = try deadLetter(id, of: nil, diedBefore: moment) {
                try purge([row], at: now)
                rows += 1
            }
            if clock.isUsedUp { break }
        }
        return RetentionStep(rows: rows, isLast: rest.isEmpty && isLast)
    }

    /// A plan of which bytes are to be released.
    struct Release: Sendable {
        let planID: PlanID
        /// The first of its jobs that names any, as it was found beside the writer: none before it does.
        let firstJobID: JobID?
    }

    /// Releases the bytes of plans that were found beside the writer, each where it is still as old; of a large one no
    /// more than `limit` jobs.
    func releasePayloads(
        ofPlans found: [Release], endedBefore moment: Timestamp, limit: Int, isLast: Bool, at now: Timestamp,
        until clock: StepClock
    ) throws -> RetentionStep {
        var (rows, rest) = (0, found[...])
        while rows < limit, let plan = rest.popFirst() {
            guard let jobs = try jobRange(of: plan.planID, endedBefore: moment) else { continue }
            if let first = plan.firstJobID, jobs.contains(first) {
                let part = try releasePayloads(
                    in: first...jobs.upperBound, limit: limit - rows, at: now, until: clock)
                rows += part.released
                guard part.isWhole else { return RetentionStep(rows: rows, isLast: false) }
            }
            var update = try query("UPDATE distribution_plans SET bytesReleased = 1 WHERE id = ?")
            update.bind(plan.planID)
            try update.run()
            if clock.isUsedUp { break }
        }
        return RetentionStep(rows: rows, isLast: rest.isEmpty && isLast)
    }

    private func releasePayloads(
        in jobs: ClosedRange<JobID>, limit: Int, at now: Timestamp, until clock: StepClock
    ) throws -> (released: Int, isWhole: Bool) {
        var (released, next) = (0, jobs.lowerBound.rawValue)
        repeat {
            let window = JobID(next)...JobID(min(next + Self.windowSize - 1, jobs.upperBound.rawValue))
            let size = min(Self.partSize, limit - released)
            let ids = try jobsWithBytes(in: window, limit: size + 1)
            if let first = ids.first, let last = ids.prefix(size).last {
                try letGoOfBytes(first...last, at: now)
                released += min(ids.count, size)
                next = last.rawValue + 1
            }
            if ids.count <= size { next = window.upperBound.rawValue + 1 }
            if next > jobs.upperBound.rawValue { return (released, true) }
        } while released < limit && !clock.isUsedUp
        return (released, false)
    }

    private func jobsWithBytes(in jobs: ClosedRange<JobID>, limit: Int) throws -> [JobID] {
        var select = try query(
            """
            SELECT id FROM distribution_jobs WHERE id BETWEEN ? AND ? AND payloadId IS NOT NULL ORDER BY id LIMIT ?
            """)
        select.bind(jobs.lowerBound)
        select.bind(jobs.upperBound)
        select.bind(limit)
        return try select.all { $0.id(0) }
    }

    private func letGoOfBytes(_ jobs: ClosedRange<JobID>, at now: Timestamp) throws {
        try releasePayloads(of: jobs)
        var update = try query(
            """
            UPDATE distribution_jobs
            SET payloadId = NULL, deadLetter = CASE WHEN deadLetter IS NULL THEN NULL ELSE 'purged' END,
                updatedAt = CASE WHEN deadLetter IS NULL THEN updatedAt ELSE ? END
            WHERE id BETWEEN ? AND ? AND payloadId IS NOT NULL
            """)
        update.bind(now)
        update.bind(jobs.lowerBound)
        update.bind(jobs.upperBound)
        try update.run()
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
        _ found: [PlanID], endedBefore moment: Timestamp, limit: Int, isLast: Bool, until clock: StepClock
    ) throws -> RetentionStep {
        var step = RetentionStep(rows: 0, isLast: false)
        var jobs = 0
        func isWhole(_ removal: PlanRemoval) throws -> Bool {
            let part = try goOn(with: removal, limit: limit - jobs, until: clock)
            jobs += part.jobs
            step.rows += part.rows
            return part.isWhole
        }
        for removal in try planRemovals() {
            guard try isWhole(removal), jobs < limit, !clock.isUsedUp else { return step }
        }
        var rest = found[...]
        while jobs < limit, let id = rest.popFirst() {
            guard let range = try jobRange(of: id, endedBefore: moment) else { continue }
            var delete = try query("DELETE FROM distribution_plans WHERE id = ?")
            delete.bind(id)
            try delete.run()
            memory.forget(id)
            step.rows += 1
            let removal = PlanRemoval(planID: id, firstJobID: range.lowerBound, lastJobID: range.upperBound)
            guard try isWhole(removal) else { return step }
            if clock.isUsedUp { break }
        }
        step.isLast = rest.isEmpty && isLast
        return step
    }

    /// Removes the next jobs of a plan with their attempts and receipts, and notes what is left.
    private func goOn(
        with removal: PlanRemoval, limit: Int, until clock: StepClock
    ) throws -> (jobs: Int, rows: Int, isWhole: Bool) {
        var (next, rows) = (removal.firstJobID.rawValue, 0)
        let end = removal.lastJobID.rawValue + 1
        let stop = min(next + Int64(limit), end)
        repeat {
            let jobs = JobID(next)...JobID(min(next + Int64(Self.partSize), stop) - 1)
            let attempts = try removeAttempts(of: jobs, until: clock)
            rows += attempts.rows
            guard attempts.isWhole else { break }
            rows += try remove(jobs)
            next = jobs.upperBound.rawValue + 1
        } while next < stop && !clock.isUsedUp
        if next == end {
            var delete = try query("DELETE FROM plan_removals WHERE planId = ?")
            delete.bind(removal.planID)
            try delete.run()
        } else {
            var insert = try query(
                "INSERT OR REPLACE INTO plan_removals (planId, firstJobId, lastJobId) VALUES (?, ?, ?)")
            insert.bind(removal.planID)
            insert.bind(next)
            insert.bind(removal.lastJobID)
            try insert.run()
        }
        return (Int(next - removal.firstJobID.rawValue), rows, next == end)
    }

    /// Some jobs have been attempted very often.
    private func removeAttempts(
        of jobs: ClosedRange<JobID>, until clock: StepClock
    ) throws -> (rows: Int, isWhole: Bool) {
        var rows = 0
        repeat {
            var delete = try query(
                """
                DELETE FROM distribution_attempts
                WHERE id IN (SELECT id FROM distribution_attempts WHERE jobId BETWEEN ? AND ? LIMIT ?)
                """)
            delete.bind(jobs.lowerBound)
            delete.bind(jobs.upperBound)
            delete.bind(Self.attemptLimit)
            try delete.run()
            rows += changedRows
            if changedRows < Self.attemptLimit { return (rows, true) }
        } while !clock.isUsedUp
        return (rows, false)
    }

    /// Removes jobs whose attempts are gone.
    ///
    /// - Returns: How many rows that were.
    private func remove(_ jobs: ClosedRange<JobID>) throws -> Int {
        try releasePayloads(of: jobs)
        var rows = 0
        for sql in Self.removals {
            var delete = try query(sql)
            delete.bind(jobs.lowerBound)
            delete.bind(jobs.upperBound)
            try delete.run()
            rows += changedRows
        }
        return rows
    }

    /// The jobs last: receipts are found through them.
    private static let removals: [StaticString] = [
        """
        DELETE FROM distribution_receipts
        WHERE id IN (SELECT receiptId FROM distribution_jobs WHERE id BETWEEN ? AND ? AND receiptId IS NOT NULL)
        """,
        "DELETE FROM distribution_jobs WHERE id BETWEEN ? AND ?",
    ]

    private func planRemovals() throws -> [PlanRemoval] {
        try query("SELECT planId, firstJobId, lastJobId FROM plan_removals ORDER BY planId")
            .all(PlanRemoval.init(columns:))
    }

    func removeDeadLetterRuns(
        endedBefore moment: Timestamp, limit: Int, until clock: StepClock
    ) throws -> RetentionStep {
        var rows = 0
        repeat {
            let size = min(Self.partSize, limit - rows)
            var delete = try query(
                """
                DELETE FROM dead_letter_runs WHERE id IN (
                    SELECT id FROM dead_letter_runs INDEXED BY runs_by_end
                    WHERE endedAt IS NOT NULL AND endedAt < ? ORDER BY endedAt LIMIT ?)
                """)
            delete.bind(moment)
            delete.bind(size)
            try delete.run()
            rows += changedRows
            if changedRows < size { return RetentionStep(rows: rows, isLast: true) }
        } while rows < limit && !clock.isUsedUp
        return RetentionStep(rows: rows, isLast: false)
    }

    /// Jobs, or runs, between two looks at the clock: each may have a MiB of its own, which takes a millisecond or two.
    private static let partSize = 4
    /// Attempts between two.
    private static let attemptLimit = 100
    /// Jobs that are looked through for bytes between two.
    private static let windowSize: Int64 = 500
}

extension PlanRemoval {
    init(columns: Columns) throws {
        self.init(planID: columns.id(0), firstJobID: columns.id(1), lastJobID: columns.id(2))
    }
}
