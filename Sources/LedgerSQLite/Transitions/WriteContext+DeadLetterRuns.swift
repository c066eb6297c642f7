import Distribution

extension WriteContext {
    func createDeadLetterRun(
        _ new: NewDeadLetterRun, total: Int, at now: Timestamp
    ) throws -> DeadLetterRunAcceptance {
        if let key = new.idempotencyKey, let known = try deadLetterRun(domainID: new.domainID, idempotencyKey: key) {
            return new.isRepeated(by: known) ? .repeated(known) : .keyReused(known.id)
        }
        var insert = try query(
            """
            INSERT INTO dead_letter_runs (domainId, kind, status, selectionJson, idempotencyKey, ratePerSecond,
                letterLimit, total, handled, skipped, position, createdAt, updatedAt)
            VALUES (?, ?, 'running', ?, ?, ?, ?, ?, 0, 0, 0, ?, ?)
            """)
        insert.bind(new.domainID)
        insert.bind(new.kind.rawValue)
        insert.bind(text: JSON.object(new.selection.json).serialized())
        insert.bind(new.idempotencyKey)
        insert.bind(new.ratePerSecond)
        insert.bind(new.limit)
        insert.bind(total)
        insert.bind(now)
        insert.bind(now)
        try insert.run()
        return .created(
            DeadLetterRun(
                id: DeadLetterRunID(insertedID), domainID: new.domainID, kind: new.kind, selection: new.selection,
                idempotencyKey: new.idempotencyKey, ratePerSecond: new.ratePerSecond, limit: new.limit, total: total,
                createdAt: now, updatedAt: now))
    }

    /// Handles letters that were found beside the writer, each only where it is still the one that was found.
    ///
    /// - Parameters:
    ///   - read: The run as it was when they were looked for; nothing is done where it has moved on.
    ///   - found: By ascending id.
    ///   - isLast: Whether there are none behind them.
    /// - Returns: nil where the run is not running.
    func advance(
        _ read: DeadLetterRun, found: [JobID], isLast: Bool, at now: Timestamp, until clock: StepClock
    ) throws -> DeadLetterRunStep? {
        guard var run = try deadLetterRun(read.id), run.status == .running else { return nil }
        guard run.position == read.position else { return DeadLetterRunStep(run: run, handled: 0) }
        // Bytes that go take their time; what is replayed of one plan shares its events' order.
        let size = run.kind == .purge ? 1 : Self.partSize
        var (looked, handled) = (0, 0)
        while looked < found.count {
            let part = found[looked...].prefix(size)
            handled += try handle(part, of: run, at: now)
            looked += part.count
            if clock.isUsedUp { break }
        }
        run.advance(
            looked: looked, handled: handled,
            last: looked == found.count && isLast ? nil : looked > 0 ? found[looked - 1] : run.position, at: now)
        try update(run)
        return DeadLetterRunStep(run: run, handled: handled)
    }

    /// Letters between two looks at the clock.
    private static let partSize = 20

    private func handle(_ ids: ArraySlice<JobID>, of run: DeadLetterRun, at now: Timestamp) throws -> Int {
        var byPlan: [PlanID: [JobRow]] = [:]
        for id in ids {
            guard let row = try deadLetter(id, of: run.domainID, diedBefore: run.taken.diedBefore) else { continue }
            byPlan[row.job.planID, default: []].append(row)
        }
        var handled = 0
        for (planID, rows) in byPlan.sorted(by: { $0.key < $1.key }) {
            switch run.kind {
            case .purge:
                try purge(rows, at: now)
                handled += rows.count
            case .replay:
                let status = try plan(planID).status
                let replayable = try rows.filter { try obstacle(to: $0, planStatus: status) == nil }
                try replay(replayable, of: planID, at: now)
                handled += replayable.count
            }
        }
        return handled
    }

    /// The job where it is a dead letter that died in time, of the domain where one is named, and its plan is there.
    func deadLetter(_ id: JobID, of domainID: DomainID?, diedBefore moment: Timestamp?) throws -> JobRow? {
        var select = try query(
            """
            SELECT id FROM distribution_jobs
            WHERE id = ?1 AND (?2 IS NULL OR domainId = ?2) AND deadLetter <> 'purged' AND diedAt < ?3
                AND EXISTS (SELECT 1 FROM distribution_plans WHERE id = planId)
            """)
        select.bind(id)
        select.bind(domainID)
        select.bind(moment)
        return try select.first { _ in true } == nil ? nil : job(id)
    }

    func cancelDeadLetterRun(
        _ id: DeadLetterRunID, domainID: DomainID, at now: Timestamp
    ) throws -> DeadLetterRun? {
        guard let run = try deadLetterRun(id), run.domainID == domainID else { return nil }
        guard run.status == .running else { return run }
        var cancelled = run
        cancelled.end(as: .cancelled, at: now)
        try update(cancelled)
        return run
    }

    private func update(_ run: DeadLetterRun) throws {
        var update = try query(
            """
            UPDATE dead_letter_runs
            SET status = ?, handled = ?, skipped = ?, position = ?, updatedAt = ?, endedAt = ?
            WHERE id = ? AND status = 'running'
            """)
        update.bind(run.status.rawValue)
        update.bind(run.handled)
        update.bind(run.skipped)
        update.bind(run.position)
        update.bind(run.updatedAt)
        update.bind(run.endedAt)
        update.bind(run.id)
        try runOnce(update)
    }

    private func deadLetterRun(_ id: DeadLetterRunID) throws -> DeadLetterRun? {
        var select = try database.query("SELECT \(DeadLetterRun.columns) FROM dead_letter_runs WHERE id = ?")
        select.bind(id)
        return try select.first(DeadLetterRun.init(columns:))
    }

    private func deadLetterRun(domainID: DomainID, idempotencyKey: String) throws -> DeadLetterRun? {
        var select = try database.query(
            "SELECT \(DeadLetterRun.columns) FROM dead_letter_runs WHERE domainId = ? AND idempotencyKey = ?")
        select.bind(domainID)
        select.bind(idempotencyKey)
        return try select.first(DeadLetterRun.init(columns:))
    }
}
