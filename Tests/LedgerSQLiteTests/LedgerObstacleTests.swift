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

    @Test func `at the operator's limit a purge can be begun, called off and carried out, which makes room`()
        async throws
    {
        let file = try LedgerFile()
        let ledger = try file.open(maximumMebibytes: 2)
        let scenario = try await LedgerScenario(ledger, targets: 1)
        // Bytes of their own, so that they go with their letters.
        for number in 0..<4 {
            let body = String(repeating: "\(number)", count: 200_000)
            _ = try await scenario.deadPlans(1, key: "dead-\(number)", body: body)
        }
        try await fill(ledger)
        let limit = 2 * 1_048_576 / 4_096
        #expect(try await pages(ledger) == limit)
        #expect(await failure(of: ledger)?.obstacle == .atLimit)

        let later = Sample.now.adding(milliseconds: 60_000)
        // Far more than the room that rows which are there already may have left.
        let ids = Set((1...1_000).map { JobID(Int64($0)) })
        for _ in 0..<5 {
            let run = try await scenario.start(.purge, DeadLetterSelection(jobIDs: ids))
            _ = try await ledger.cancelDeadLetterRun(run.id, domainID: LedgerScenario.domain, at: later)
        }
        #expect(try await pages(ledger) > limit)
        #expect(try await pages(ledger) <= limit + GroupWriter.reservedPages)
        // The reserve is for nobody else.
        let error = await failure(of: ledger)
        #expect(error?.obstacle == .atLimit)
        #expect(error?.message.contains("2 MiB") == true)
        await #expect(throws: LedgerError.self) { try await ledger.probe() }

        let ended = try await scenario.finish(scenario.start(.purge))
        #expect((ended.status, ended.handled) == (.done, 4))
        try await ledger.probe()
        #expect(await failure(of: ledger) == nil)
        _ = try await scenario.accept(scenario.prepared(key: "new", body: String(repeating: "n", count: 100_000)))
        try await ledger.close()
    }

    @Test func `what is larger than the room that is left tells of the limit, not of the disk`() async throws {
        let file = try LedgerFile()
        let ledger = try file.open(maximumMebibytes: 2)
        let scenario = try await LedgerScenario(ledger, targets: 1)
        let body = String(repeating: "x", count: 2_200_000)
        let error = await #expect(throws: LedgerError.self) { try await ledger.accept(scenario.prepared(body: body)) }
        #expect(error?.obstacle == .atLimit)
        // Anything else finds its room.
        _ = try await scenario.accept(scenario.prepared())
        try await ledger.close()
    }

    @Test func `at the operator's limit what is old goes all the same, which makes room`() async throws {
        let file = try LedgerFile()
        let ledger = try file.open(maximumMebibytes: 2)
        let scenario = try await LedgerScenario(ledger, targets: 2)
        _ = try await scenario.deadPlans(3, body: String(repeating: "x", count: 300_000))
        try await fill(ledger)
        // What is owed of old plans would keep them; that it was told can be noted without any room.
        try await scenario.confirmAllEvents()
        let later = Sample.now.adding(milliseconds: 1_000_000)
        let released = try await scenario.exhaust {
            try await ledger.releasePayloads(ofPlansEndedBefore: later, limit: 2, at: later)
        }
        #expect(released.reduce(0, +) == 6)
        let removed = try await scenario.exhaust { try await ledger.removePlans(endedBefore: later, limit: 2) }
        #expect(removed.reduce(0, +) == 15)
        #expect(await failure(of: ledger) == nil)
        try await ledger.close()
    }

    private func pages(_ ledger: SQLiteLedger) async throws -> Int {
        try await ledger.writer.pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA page_count") ?? 0 }
    }

    /// Takes all the room that is left, to the last page, and in the rows' own pages as well.
    private func fill(_ ledger: SQLiteLedger) async throws {
        try await execute("CREATE TABLE IF NOT EXISTS ballast (bytes BLOB)", on: ledger)
        // As many as there is room for; nothing here is about what survives the machine.
        try await execute("PRAGMA synchronous = OFF", on: ledger)
        for size in [65_536, 4_000] {
            while (try? await execute("INSERT INTO ballast VALUES (zeroblob(\(size)))", on: ledger)) != nil {
                try Task.checkCancellation()
            }
        }
        for number in 0..<1_000 where await failure(of: ledger) == nil {
            #expect(number < 999)
        }
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
