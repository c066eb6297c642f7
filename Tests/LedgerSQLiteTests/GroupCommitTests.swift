import Distribution
import DistributionTesting
import Testing

@testable import LedgerSQLite

@Suite(.timeLimit(.minutes(1))) struct GroupCommitTests {
    private struct Refusal: Error {}

    @Test func `an item that fails takes back its own writes and nobody else's`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let outcomes = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        do {
                            try await ledger.writer.perform { context in
                                _ = try context.createTarget(LedgerScenario.newTarget("target \(number)"))
                                if number % 7 == 0 { throw Refusal() }
                            }
                            return true
                        } catch {
                            return false
                        }
                    }
                }
                return await group.reduce(into: [true: 0, false: 0]) { $0[$1, default: 0] += 1 }
            }
            #expect(outcomes == [true: 171, false: 29])
            let numbers = try await ledger.allTargets().compactMap { Int($0.name.dropFirst("target ".count)) }
            #expect(numbers.sorted() == (0..<200).filter { $0 % 7 != 0 })
            #expect(try await ledger.owedEvents(after: 0, limit: 500).count == 171)
        }
    }

    @Test func `what the writer remembers follows the transaction, not the attempt`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger)
            let first = try await scenario.accept(scenario.prepared(key: "key-1"))
            await #expect(throws: LedgerError.self) {
                try await ledger.writer.perform { context in
                    _ = try context.accept(scenario.prepared(key: "key-2"))
                    throw Refusal()
                }
            }
            let second = try await scenario.accept(scenario.prepared(key: "key-3"))
            #expect(second.plan.rawValue == first.plan.rawValue + 1)
            #expect(second.jobs.map(\.rawValue) == first.jobs.map { $0.rawValue + 2 })
            await #expect(throws: LedgerError.self) {
                let request = try await scenario.request(first.jobs[0])
                try await ledger.writer.perform { context in
                    _ = try context.begin(request)
                    throw Refusal()
                }
            }
            #expect(try await scenario.plan(first.plan).status == .queued)
            _ = try await scenario.begin(first.jobs[0])
            #expect(try await scenario.plan(first.plan).counts.running == 1)
        }
    }

    @Test func `a cancelled caller's work is done all the same`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await LedgerScenario(ledger, targets: 1).eventKinds()
            }
            let kinds = try await task.value
            #expect(kinds == [])
            #expect(try await ledger.allTargets().count == 1)
        }
    }

    @Test func `a closed ledger refuses, and its signals end`() async throws {
        let file = try LedgerFile()
        let ledger = try file.open()
        let signals = ledger.eventSignals()
        try await ledger.close()
        try await ledger.close()
        for await _ in signals {}
        for await _ in ledger.eventSignals() {}
        let error = await #expect(throws: LedgerError.self) {
            try await ledger.createTarget(LedgerScenario.newTarget())
        }
        #expect(error?.kind == .unavailable)
        let reading = await #expect(throws: LedgerError.self) { try await ledger.allTargets() }
        #expect(reading?.kind == .unavailable)
    }
}
