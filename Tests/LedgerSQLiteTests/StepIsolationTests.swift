import Distribution
import DistributionTesting
import Foundation
import GRDB
import Synchronization
import Testing

@testable import LedgerSQLite

/// What has no hurry keeps out of the way of what has.
@Suite("Steps of the writer", .timeLimit(.minutes(1))) struct StepIsolationTests {
    /// What happened on the writer's queue, in order.
    private final class Course: CrashPoints {
        private let entries = Mutex<[String]>([])

        var all: [String] { entries.withLock { $0 } }
        func note(_ entry: String) { entries.withLock { $0.append(entry) } }
        func clear() { entries.withLock { $0 = [] } }
        func reached(_ point: CrashPoint) {
            if point == .transactionCommitted { note("commit") }
        }
    }

    /// Lets `body` leave work with the writer, which does none of it before all of `count` calls are there.
    private func atOnce(_ ledger: SQLiteLedger, count: Int, _ body: (inout TaskGroup<Void>) -> Void) async {
        let gate = DispatchSemaphore(value: 0)
        ledger.writer.pool.asyncWriteWithoutTransaction { _ in gate.wait() }
        await withTaskGroup(of: Void.self) { group in
            body(&group)
            while ledger.writer.waiting < count, !Task.isCancelled { await Task.yield() }
            gate.signal()
        }
    }

    @Test func `a step shares its commit with nobody, and lets everything go first that waits`() async throws {
        let file = try LedgerFile()
        let course = Course()
        try await file.withLedger(crashPoints: course) { ledger in
            await atOnce(ledger, count: 8) { group in
                for number in 0..<8 {
                    group.addTask {
                        if number < 2 {
                            _ = try? await ledger.writer.performStep(.relaxed) { _, _ in course.note("step") }
                        } else {
                            try? await ledger.writer.perform { _ in course.note("item") }
                        }
                    }
                }
            }
        }
        #expect(course.all == Array(repeating: "item", count: 6) + ["commit", "step", "commit", "step", "commit"])
    }

    @Test func `a step that fails is told so, and takes back what it wrote`() async throws {
        struct Failure: Error {}
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            await #expect(throws: LedgerError.self) {
                try await ledger.writer.performStep(.full) { context, _ in
                    _ = try context.createTarget(LedgerScenario.newTarget("x"))
                    throw Failure()
                }
            }
            #expect(try await ledger.allTargets().isEmpty)
            _ = try await ledger.writer.performStep(.full) { context, _ in
                try context.createTarget(LedgerScenario.newTarget("y"))
            }
            #expect(try await ledger.allTargets().map(\.name) == ["y"])
        }
    }

    private func logBytes(_ file: LedgerFile) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path + "-wal")
        return try #require(attributes[.size] as? Int)
    }

    @Test func `no step writes the log back, however long it is; the next call's commit does`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            try await ledger.writer.pool.writeWithoutTransaction {
                try $0.execute(sql: "CREATE TABLE ballast (bytes BLOB)")
            }
            @Sendable func insert(_ context: WriteContext) throws {
                try context.query("INSERT INTO ballast VALUES (zeroblob(20000000))").run()
            }
            let before = try fileBytes(file)
            // Nearly 5,000 pages each, of which any other commit would have made the file.
            for _ in 0..<2 { _ = try await ledger.writer.performStep(.relaxed) { context, _ in try insert(context) } }
            #expect(try fileBytes(file) == before)
            #expect(try logBytes(file) > 40_000_000)
            _ = try await ledger.createTarget(LedgerScenario.newTarget("x"))
            #expect(try fileBytes(file) > 40_000_000)
        }
    }

    private func fileBytes(_ file: LedgerFile) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int)
    }

    @Test func `what steps have changed is written back beside the writer`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let body = String(repeating: "x", count: 300_000)
            _ = try await scenario.accept(scenario.prepared(body: body))
            let before = try fileBytes(file)
            await ledger.log.noteChanges(LogKeeper.rowLimit - 1)
            #expect(try fileBytes(file) == before)
            await ledger.log.noteChanges(1)
            #expect(try fileBytes(file) > before + 290_000)
            await ledger.log.noteChanges(1)
            _ = try await scenario.accept(scenario.prepared(key: "again"))
        }
        let jobs = try await file.withLedger { try await $0.totals().jobs.total }
        #expect(jobs == 2)
    }
}
