package import Distribution
import GRDB

extension SQLiteLedger {
    package func purgeDeadLetters(
        diedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep {
        try await retire(limit) { database, limit -> [JobID] in
            try database.ids(
                """
                SELECT j.id FROM distribution_jobs AS j INDEXED BY letters_by_time
                WHERE j.deadLetter <> 'purged' AND j.diedAt < ?
                    AND EXISTS (SELECT 1 FROM distribution_plans WHERE id = j.planId)
                ORDER BY j.diedAt LIMIT ?
                """, before: moment, limit)
        } _: { context, found, limit, clock in
            try context.purgeDeadLetters(
                found, diedBefore: moment, isLast: found.count < limit, at: now, until: clock)
        }
    }

    package func releasePayloads(
        ofPlansEndedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep {
        try await retire(limit) { database, limit -> [WriteContext.Release] in
            var select = try database.query(
                """
                SELECT p.id, (SELECT j.id FROM distribution_jobs AS j
                              WHERE j.id BETWEEN p.firstJobId AND p.lastJobId AND j.payloadId IS NOT NULL
                              ORDER BY j.id LIMIT 1)
                FROM distribution_plans AS p INDEXED BY plans_with_bytes_by_end
                WHERE p.completedAt IS NOT NULL AND p.bytesReleased = 0 AND p.completedAt < ? AND \(Self.hasEnded)
                ORDER BY p.completedAt LIMIT ?
                """)
            select.bind(moment)
            select.bind(limit)
            return try select.all { WriteContext.Release(planID: $0.id(0), firstJobID: $0.idOrNil(1)) }
        } _: { context, found, limit, clock in
            try context.releasePayloads(
                ofPlans: found, endedBefore: moment, limit: limit, isLast: found.count < limit, at: now, until: clock)
        }
    }

    package func removePlans(endedBefore moment: Timestamp, limit: Int) async throws(LedgerError) -> RetentionStep {
        try await retire(limit) { database, limit in
            try database.removablePlans(endedBefore: moment, limit: limit)
        } _: { context, found, limit, clock in
            try context.removePlans(
                found.compactMap(\.self), endedBefore: moment, limit: limit, isLast: found.count < limit,
                until: clock)
        }
    }

    package func removeDeadLetterRuns(
        endedBefore moment: Timestamp, limit: Int
    ) async throws(LedgerError) -> RetentionStep {
        try await retire(limit) { database, _ -> [DeadLetterRunID] in
            try database.ids("SELECT id FROM dead_letter_runs WHERE endedAt < ? LIMIT ?", before: moment, 1)
        } _: { context, _, limit, clock in
            try context.removeDeadLetterRuns(endedBefore: moment, limit: limit, until: clock)
        }
    }

    /// Looks for what is old beside the writer, and lets the writer take it out where there is any.
    ///
    /// A power cut may take a step back, which costs its repetition; nobody waits for the disk in return.
    private func retire<Found: Sendable>(
        _ limit: Int, _ find: @escaping @Sendable (Database, Int) throws -> [Found],
        _ step: @escaping @Sendable (WriteContext, [Found], Int, StepClock) throws -> RetentionStep
    ) async throws(LedgerError) -> RetentionStep {
        let limit = min(max(limit, 1), Self.deadLetterStep)
        let found = try await read { try find($0, limit) }
        guard !found.isEmpty else { return RetentionStep(rows: 0, isLast: true) }
        var (done, held) = try await writer.performStep(.relaxed) { try step($0, found, limit, $1) }
        done.heldMilliseconds = held
        await log.noteChanges(done.rows)
        return done
    }

    /// No attempt of a job that was called off is still under way.
    static let hasEnded = """
        (p.status <> 'cancelled' OR NOT EXISTS (
            SELECT 1 FROM distribution_jobs AS j
            WHERE j.id BETWEEN p.firstJobId AND p.lastJobId AND j.endedAt IS NULL))
        """
}

extension Database {
    /// Plans that may go, the oldest first; one that is being removed is named as nil.
    fileprivate func removablePlans(endedBefore moment: Timestamp, limit: Int) throws -> [PlanID?] {
        let begun: [PlanID?] = try query("SELECT planId FROM plan_removals").all { _ in nil }
        let oldest = try query("SELECT eventId FROM event_outbox ORDER BY id LIMIT 1").first { $0.text(0) }
        // Its plan's sequence could not be told any more.
        if let owedSince = oldest.flatMap(UUIDv7.time(of:)), owedSince < moment { return begun }
        var plans: [PlanID?] = []
        for index in [
            "plans_without_bytes_by_end WHERE p.bytesReleased = 1",
            "plans_with_bytes_by_end WHERE p.completedAt IS NOT NULL AND p.bytesReleased = 0",
        ]
        where plans.count < limit {
            let found: [PlanID] = try ids(
                """
                SELECT p.id FROM distribution_plans AS p INDEXED BY \(index)
                    AND p.completedAt < ? AND \(SQLiteLedger.hasEnded)
                ORDER BY p.completedAt LIMIT ?
                """, before: moment, limit - plans.count)
            plans += found.map(Optional.some)
        }
        return begun + plans
    }

    /// The ids that a query finds which asks for a time and a number.
    fileprivate func ids<Entity>(
        _ sql: String, before moment: Timestamp, _ limit: Int
    ) throws -> [Identifier<Entity>] {
        var select = try query(sql)
        select.bind(moment)
        select.bind(limit)
        return try select.all { $0.id(0) }
    }
}
