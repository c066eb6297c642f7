import Distribution
import DistributionTesting
import Foundation
import GRDB
import Testing

@testable import LedgerSQLite

/// Who writes the log back into the file, and when.
@Suite("The ledger's log", .timeLimit(.minutes(1))) struct LogKeeperTests {
    private func withBallast(_ body: (LedgerFile, SQLiteLedger) async throws -> Void) async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            try await addBallast(to: ledger)
            try await body(file, ledger)
        }
    }

    private func addBallast(to ledger: SQLiteLedger) async throws {
        try await ledger.writer.pool.writeWithoutTransaction {
            try $0.execute(sql: "CREATE TABLE ballast (bytes BLOB)")
        }
    }

    private static func insert(pages: Int, _ context: WriteContext) throws {
        var insert = try context.query("INSERT INTO ballast VALUES (zeroblob(?))")
        insert.bind(pages * 4_080)
        try insert.run()
    }

    private func bytes(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
    }

    /// Pages that are in the log now, which is written back on the way.
    private func logPages(_ ledger: SQLiteLedger) async throws -> Int {
        try await ledger.writer.pool.writeWithoutTransaction { try $0.checkpoint(.passive).walFrameCount }
    }

    @Test func `what commits have written is written back beside the writer, and the log begins anew`() async throws {
        try await withBallast { file, ledger in
            let before = try bytes(file.path)
            for _ in 0..<4 {
                try await ledger.writer.perform { try Self.insert(pages: LogKeeper.pageLimit / 4 - 100, $0) }
            }
            #expect(try bytes(file.path) == before)
            // Far from what the writer itself would do something about.
            try await ledger.writer.perform { try Self.insert(pages: 500, $0) }
            repeat { try await ledger.writer.perform { try Self.insert(pages: 1, $0) } } while ledger.log.isBusy
            #expect(try bytes(file.path) > before + LogKeeper.pageLimit * 4_000)
            #expect(try bytes(file.path + "-wal") < GroupWriter.ownLogLimit * 4_000)
            try await ledger.writer.perform { try Self.insert(pages: 1, $0) }
            #expect(try await logPages(ledger) < 1_000)
        }
    }

    @Test func `where it cannot be written back beside the writer, the writer bounds it`() async throws {
        try await withBallast { file, ledger in
            try ledger.log.close()
            let before = try bytes(file.path)
            for _ in 0..<3 { try await ledger.writer.perform { try Self.insert(pages: 5_000, $0) } }
            #expect(try bytes(file.path) == before)
            try await ledger.writer.perform { try Self.insert(pages: 1_500, $0) }
            #expect(try bytes(file.path) > before + GroupWriter.ownLogLimit * 4_000)
            try await ledger.writer.perform { try Self.insert(pages: 1, $0) }
            #expect(try await logPages(ledger) < 1_000)
        }
    }

    @Test func `no step writes the log back, however long it is; the next call's commit does`() async throws {
        try await withBallast { file, ledger in
            try ledger.log.close()
            let before = try bytes(file.path)
            for _ in 0..<2 {
                _ = try await ledger.writer.performStep(.relaxed) { context, _ in
                    try Self.insert(pages: GroupWriter.ownLogLimit / 2 + 500, context)
                }
            }
            #expect(try bytes(file.path) == before)
            #expect(try bytes(file.path + "-wal") > GroupWriter.ownLogLimit * 4_096)
            _ = try await ledger.createTarget(LedgerScenario.newTarget("x"))
            #expect(try bytes(file.path) > GroupWriter.ownLogLimit * 4_000)
        }
    }

    @Test func `what steps have changed is written back beside the writer`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let body = String(repeating: "x", count: 300_000)
            _ = try await scenario.accept(scenario.prepared(body: body))
            let before = try bytes(file.path)
            await ledger.log.noteChanges(LogKeeper.rowLimit - 1)
            #expect(try bytes(file.path) == before)
            await ledger.log.noteChanges(1)
            #expect(try bytes(file.path) > before + 290_000)
            await ledger.log.noteChanges(1)
            _ = try await scenario.accept(scenario.prepared(key: "again"))
        }
        let jobs = try await file.withLedger { try await $0.totals().jobs.total }
        #expect(jobs == 2)
    }

    @Test func `nothing is lost of what was committed while the log was written back`() async throws {
        let file = try LedgerFile()
        let accepted = try await file.withLedger { ledger in
            try await addBallast(to: ledger)
            let scenario = try await LedgerScenario(ledger, targets: 1)
            var accepted = 0
            // The log is gone through twice.
            while accepted < 90 || ledger.log.isBusy {
                _ = try await scenario.accept(scenario.prepared(key: "key-\(accepted)"))
                try await ledger.writer.perform { try Self.insert(pages: 100, $0) }
                accepted += 1
            }
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
            return accepted
        }
        try await file.withLedger { ledger in
            #expect(try await ledger.totals().jobs.total == accepted)
            #expect(try await ledger.fileDamages() == [])
        }
    }
}
