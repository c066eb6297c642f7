import Distribution
import DistributionTesting
import GRDB
import Testing

@testable import LedgerSQLite

@Suite(.timeLimit(.minutes(1))) struct DurabilityTests {
    private func synchronous(_ ledger: SQLiteLedger, _ durability: Durability) async throws -> Int? {
        try await ledger.writer.perform(durability) { try $0.query("PRAGMA synchronous").first { $0.int(0) } }
    }

    @Test func `commits are fsynced unless every item of the batch does without`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            #expect(try await synchronous(ledger, .full) == 2)
            #expect(try await synchronous(ledger, .relaxed) == 1)
            #expect(try await synchronous(ledger, .full) == 2)
            let mode = try await ledger.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") }
            #expect(mode == "wal")
        }
    }

    @Test func `an attempt begins without an fsync, and a blocked job is recorded with one`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            func setting() async throws -> Int? {
                try await ledger.writer.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
            }
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let end = Sample.now.adding(milliseconds: 1000)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared(expiresAt: end))
            #expect(try await setting() == 2)
            _ = try await scenario.begin(jobIDs[0])
            #expect(try await setting() == 1)
            #expect(try await ledger.begin(scenario.request(jobIDs[1], at: end)) == .blocked)
            #expect(try await setting() == 2)
        }
    }

    @Test func `a full disk fails the calls it concerns, and the ledger recovers`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            func limit(pages: String) async throws {
                try await ledger.writer.pool.writeWithoutTransaction { database in
                    _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages)")
                }
            }
            try await limit(pages: "1")  // Cut to what the file has.
            let body = String(repeating: "x", count: 100_000)
            let error = await #expect(throws: LedgerError.self) {
                try await ledger.accept(scenario.prepared(body: body))
            }
            #expect(error?.kind == .unavailable)
            #expect((error?.cause as? SQLiteFailure)?.code == 13)
            #expect(try await ledger.totals().jobs.total == 0)
            try await limit(pages: "1000000")
            let (_, jobIDs) = try await scenario.accept(scenario.prepared(body: body))
            #expect(try await ledger.owedJobs(after: nil, limit: 1).map(\.claim.jobID) == jobIDs)
            #expect(try await scenario.eventKinds() == ["plan.accepted"])
        }
    }
}
