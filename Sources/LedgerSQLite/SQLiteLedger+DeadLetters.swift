package import Distribution
import GRDB

extension SQLiteLedger {
    /// In pages, so that no state of the file is held for long.
    package func countDeadLetters(
        domainID: DomainID, _ selection: DeadLetterSelection, for kind: DeadLetterRun.Kind
    ) async throws(LedgerError) -> DeadLetterCount {
        var count = DeadLetterCount(handled: 0, skipped: 0)
        var next: JobID? = JobID(0)
        while let after = next {
            let page = try await read { database in
                try database.deadLetters(of: domainID, selection, after: after, limit: Self.countedPage)
            }
            let handled = page.letters.count { $0.isDead && (kind == .purge || $0.isReplayable) }
            count.handled += handled
            count.skipped += page.letters.count - handled
            next = page.next
        }
        return count
    }

    package func createDeadLetterRun(
        _ run: NewDeadLetterRun, total: Int, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRunAcceptance {
        try await writer.performStep(.full) { context, _ in
            try context.createDeadLetterRun(run, total: total, at: now)
        }.value
    }

    package func advanceDeadLetterRun(
        _ id: DeadLetterRunID, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRunStep? {
        let found = try await read { database -> (DeadLetterRun, DeadLetterPage)? in
            var select = try database.query(
                "SELECT \(DeadLetterRun.columns) FROM dead_letter_runs WHERE id = ? AND status = 'running'")
            select.bind(id)
            guard let run = try select.first(DeadLetterRun.init(columns:)) else { return nil }
            let limit = min(max(limit, 1), Self.deadLetterStep, run.rest)
            let page = try database.deadLetters(of: run.domainID, run.taken, after: run.position, limit: limit)
            return (run, page)
        }
        guard let (run, page) = found else { return nil }
        let step = try await writer.performStep(.full) { context, clock in
            try context.advance(
                run, found: page.letters.map(\.id), isLast: page.next == nil, at: now, until: clock)
        }.value
        await log.noteChanges(step?.handled ?? 0)
        return step
    }

    package func cancelDeadLetterRun(
        _ id: DeadLetterRunID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRun? {
        try await writer.performStep(.full) { context, _ in
            try context.cancelDeadLetterRun(id, domainID: domainID, at: now)
        }.value
    }

    package func deadLetterRun(
        _ id: DeadLetterRunID, domainID: DomainID
    ) async throws(LedgerError) -> DeadLetterRun? {
        try await read { database in
            var select = try database.query(
                "SELECT \(DeadLetterRun.columns) FROM dead_letter_runs WHERE id = ? AND domainId = ?")
            select.bind(id)
            select.bind(domainID)
            return try select.first(DeadLetterRun.init(columns:))
        }
    }

    package func deadLetterRuns(
        domainID: DomainID, _ page: Page, kind: DeadLetterRun.Kind
    ) async throws(LedgerError) -> [DeadLetterRun] {
        try await read { database in
            var select = try database.query(
                """
                SELECT \(DeadLetterRun.columns) FROM dead_letter_runs
                WHERE id > ? AND domainId = ? AND kind = ? ORDER BY id LIMIT ?
                """)
            select.bind(page.after)
            select.bind(domainID)
            select.bind(kind.rawValue)
            select.bind(page.limit)
            return try select.all(DeadLetterRun.init(columns:))
        }
    }

    package func openDeadLetterRuns() async throws(LedgerError) -> [DeadLetterRun] {
        try await read { database in
            try database.query(
                """
                SELECT \(DeadLetterRun.columns) FROM dead_letter_runs INDEXED BY runs_open
                WHERE status = 'running' ORDER BY id
                """
            ).all(DeadLetterRun.init(columns:))
        }
    }

    /// Letters of one step at most; the clock ends it before, where it must.
    static let deadLetterStep = 200
    private static let countedPage = 10_000
}

/// Letters as they were found, by ascending id.
struct DeadLetterPage: Sendable {
    struct Letter: Sendable {
        let id: JobID
        /// false for a job that was named and is no dead letter.
        let isDead: Bool
        let isReplayable: Bool
    }

    let letters: [Letter]
    /// Where to go on; nil where none is left.
    let next: JobID?
}

extension Database {
    func deadLetters(
        of domainID: DomainID, _ selection: DeadLetterSelection, after: JobID, limit: Int
    ) throws -> DeadLetterPage {
        if let ids = selection.jobIDs {
            let rest = ids.sorted().filter { $0 > after }
            let chosen = rest.prefix(limit)
            return DeadLetterPage(
                letters: try chosen.map { try deadLetter($0, of: domainID, selection) },
                next: rest.count > limit ? chosen.last : nil)
        }
        var select = try query(
            """
            SELECT j.id, \(JobSummary.isReplayable)
            FROM distribution_jobs AS j INDEXED BY letters_by_domain
            JOIN distribution_targets AS t ON t.id = j.targetId
            WHERE j.domainId = ?1 AND j.deadLetter <> 'purged' AND j.id > ?2 AND (?3 IS NULL OR j.planId = ?3)
                AND (?4 IS NULL OR j.targetId = ?4) AND (?5 IS NULL OR j.channelType = ?5)
                AND (?6 IS NULL OR j.errorCode = ?6) AND (?7 IS NULL OR j.diedAt >= ?7)
                AND (?8 IS NULL OR j.diedAt < ?8)
                AND EXISTS (SELECT 1 FROM distribution_plans WHERE id = j.planId)
            ORDER BY j.id LIMIT ?9
            """)
        select.bind(domainID)
        select.bind(after)
        select.bind(selection.planID)
        select.bind(selection.targetID)
        select.bind(selection.channelType?.rawValue)
        select.bind(selection.errorCode?.rawValue)
        select.bind(selection.diedFrom)
        select.bind(selection.diedBefore)
        // One more tells whether there are more.
        select.bind(limit + 1)
        let letters = try select.all {
            DeadLetterPage.Letter(id: $0.id(0), isDead: true, isReplayable: $0.bool(1))
        }
        let chosen = Array(letters.prefix(limit))
        return DeadLetterPage(letters: chosen, next: letters.count > limit ? chosen.last?.id : nil)
    }

    private func deadLetter(
        _ id: JobID, of domainID: DomainID, _ selection: DeadLetterSelection
    ) throws -> DeadLetterPage.Letter {
        var select = try query(
            """
            SELECT \(JobSummary.isReplayable) FROM distribution_jobs AS j
            JOIN distribution_targets AS t ON t.id = j.targetId
            WHERE j.id = ? AND j.domainId = ? AND j.deadLetter <> 'purged'
                AND EXISTS (SELECT 1 FROM distribution_plans WHERE id = j.planId)
            """)
        select.bind(id)
        select.bind(domainID)
        let isReplayable = try select.first { $0.bool(0) }
        return DeadLetterPage.Letter(id: id, isDead: isReplayable != nil, isReplayable: isReplayable ?? false)
    }
}
