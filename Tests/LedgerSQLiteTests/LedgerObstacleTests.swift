import Distribution
import DistributionTesting
import Foundation
import GRDB
import Testing

@testable import LedgerSQLite

@Suite(.timeLimit(.minutes(1))) struct LedgerObstacleTests {
    /// What a write fails with.
    private func failure(of ledger: SQLiteLedger) async -> LedgerError? {
        do throws(LedgerError) {
            _ = try await ledger.createTarget(LedgerScenario.newTarget("x"))
            return nil
        } catch {
            return error
        }
    }

    private func execute(_ sql: String, on ledger: SQLiteLedger) async throws {
        try await ledger.writer.pool.writeWithoutTransaction { try $0.execute(sql: sql) }
    }

    @Test func `a file at the operator's limit says so, and is written again once there is room in it`() async throws {
        let file = try LedgerFile()
        let ledger = try file.open(maximumMebibytes: 2)
        let scenario = try await LedgerScenario(ledger, targets: 1)
        let body = String(repeating: "x", count: 100_000)
        try await execute("CREATE TABLE ballast (bytes BLOB)", on: ledger)
        let other = try DatabaseQueue(path: file.path)
        try await other.write { try $0.execute(sql: "INSERT INTO ballast VALUES (zeroblob(2500000))") }
        for call in 0..<2 {
            let error = await #expect(throws: LedgerError.self) {
                if call == 0 {
                    _ = try await ledger.accept(scenario.prepared(body: body))
                } else {
                    try await ledger.probe()
                }
            }
            #expect((error?.kind, error?.obstacle) == (.unavailable, .atLimit))
            #expect(error?.message.contains("2 MiB") == true)
        }
        // Who reads gets an answer.
        #expect(try await ledger.totals().targets == 1)
        try await other.write { try $0.execute(sql: "DELETE FROM ballast") }
        try await ledger.probe()
        _ = try await scenario.accept(scenario.prepared(body: body))
        try other.close()
        try await ledger.close()
    }

    @Test func `a file that another connection holds locked says so until it is let go`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            try await execute("PRAGMA busy_timeout = 50", on: ledger)
            var configuration = Configuration()
            configuration.allowsUnsafeTransactions = true
            let other = try DatabaseQueue(path: file.path, configuration: configuration)
            try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
            let error = await failure(of: ledger)
            #expect((error?.kind, error?.obstacle) == (.unavailable, .locked))
            #expect(await failure(of: ledger)?.obstacle == .locked)
            #expect(try await ledger.totals().targets == 0)
            try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            try other.close()
            try await ledger.probe()
            #expect(await failure(of: ledger) == nil)
        }
    }

    @Test func `a file that cannot be written says so`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            try await execute("PRAGMA query_only = 1", on: ledger)
            let error = await failure(of: ledger)
            #expect((error?.kind, error?.obstacle) == (.unavailable, .readOnly))
            try await execute("PRAGMA query_only = 0", on: ledger)
            #expect(await failure(of: ledger) == nil)
        }
    }

    @Test(arguments: [
        (ResultCode.SQLITE_FULL, LedgerObstacle.full), (.SQLITE_BUSY, .locked), (.SQLITE_BUSY_SNAPSHOT, .locked),
        (.SQLITE_LOCKED, .locked), (.SQLITE_READONLY, .readOnly), (.SQLITE_READONLY_DBMOVED, .readOnly),
        (.SQLITE_IOERR, .failing), (.SQLITE_IOERR_FSYNC, .failing), (.SQLITE_IOERR_WRITE, .failing),
        (.SQLITE_IOERR_SHMSIZE, .full), (.SQLITE_NOMEM, .other), (.SQLITE_CANTOPEN, .other),
    ])
    func `each failure of SQLite that passes is told by what mends it`(code: ResultCode, obstacle: LedgerObstacle) {
        let error = LedgerError.translating(DatabaseError(resultCode: code, message: "as SQLite says"))
        #expect(error.kind == .unavailable)
        #expect(error.obstacle == obstacle)
        #expect(LedgerError.uncommitted(error).obstacle == obstacle)
        #expect(!Remediation.sentence(for: error.obstacle).isEmpty)
    }

    @Test func `being asked leaves nothing behind in the file`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            for _ in 0..<5 { try await ledger.probe() }
            let rows = try await ledger.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM ledger_probe") }
            #expect(rows == 0)
            let (pages, free) = try await ledger.read { database in
                (
                    try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0,
                    try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
                )
            }
            // The room of one try, which what comes next uses.
            #expect(free <= 18)
            #expect(pages < 100)
        }
    }
}
