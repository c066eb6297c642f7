package import Distribution
import GRDB

extension SQLiteLedger {
    package func purgeDeadLetters(
        diedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep {
        let limit = min(max(limit, 1), Self.deadLetterStep)
        let found: [JobID] = try await read { database in
            var select = try database.query(
                """
                SELECT j.id FROM distribution_jobs AS j INDEXED BY letters_by_time
                WHERE j.deadLetter <> 'purged' AND j.diedAt < ?
                    AND EXISTS (SELECT 1 FROM distribution_plans WHERE id = j.planId)
                ORDER BY j.diedAt LIMIT ?
                """)
            select.bind(moment)
            select.bind(limit)
            return try select.all { $0.id(0) }
        }
        guard !found.isEmpty else { return RetentionStep(rows: 0, isLast: true) }
        return try await retire { context in
            try context.purgeDeadLetters(found, diedBefore: moment, isLast: found.count < limit, at: now)
        }
    }

    package func releasePayloads(
        ofPlansEndedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep {
        let limit = min(max(limit, 1), Self.deadLetterStep)
        let found: [PlanID] = try await read { database in
            var select = try database.query(
                """
                SELECT p.id FROM distribution_plans AS p INDEXED BY plans_with_bytes_by_end
                WHERE p.completedAt IS NOT NULL AND p.bytesReleased = 0 AND p.completedAt < ? AND \(Self.hasEnded)
                ORDER BY p.completedAt LIMIT ?
                """)
            select.bind(moment)
            select.bind(limit)
            return try select.all { $0.id(0) }
        }
        guard !found.isEmpty else { return RetentionStep(rows: 0, isLast: true) }
        return try await retire { context in
            try context.releasePayloads(
                ofPlans: found, endedBefore: moment, limit: limit, isLast: found.count < limit, at: now)
        }
    }

    package func removePlans(endedBefore moment: Timestamp, limit: Int) async throws(LedgerError) -> RetentionStep {
        let limit = min(max(limit, 1), Self.deadLetterStep)
        let found = try await read { database in try database.removablePlans(endedBefore: moment, limit: limit) }
        guard !found.isEmpty else { return RetentionStep(rows: 0, isLast: true) }
        let plans = found.compactMap(\.self)
        return try await retire { context in
            try context.removePlans(plans, endedBefore: moment, limit: limit, isLast: found.count < limit)
        }
    }

    package func removeDeadLetterRuns(
        endedBefore moment: Timestamp, limit: Int
    ) async throws(LedgerError) -> RetentionStep {
        let limit = min(max(limit, 1), Self.deadLetterStep)
        let isThere = try await read { database in
            var select = try database.query("SELECT 1 FROM dead_letter_runs WHERE endedAt < ? LIMIT 1")
            select.bind(moment)
            return try select.first { _ in true } ?? false
        }
        guard isThere else { return RetentionStep(rows: 0, isLast: true) }
        return try await retire { try $0.removeDeadLetterRuns(endedBefore: moment, limit: limit) }
    }

    private func retire(
        _ step: @escaping @Sendable (WriteContext) throws -> RetentionStep
    ) async throws(LedgerError) -> RetentionStep {
        let start = services.time.monotonicMilliseconds()
        var done = try await writer.perform { try step($0) }
        done.committedMilliseconds = services.time.monotonicMilliseconds() - start
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
            var select = try query(
                """
                SELECT p.id FROM distribution_plans AS p INDEXED BY \(index)
                    AND p.completedAt < ? AND \(SQLiteLedger.hasEnded)
                ORDER BY p.completedAt LIMIT ?
                """)
            select.bind(moment)
            select.bind(limit - plans.count)
            plans += try select.all { $0.id(0) }
        }
        return begun + plans
    }
}
