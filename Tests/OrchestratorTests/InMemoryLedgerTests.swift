import Distribution
import DistributionTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct InMemoryLedgerTests {
    @Test("The in-memory ledger keeps the contract", arguments: LedgerContract.parts)
    func contract(part: LedgerContract.Part) async throws {
        let ledger = InMemoryLedger()
        try await part.run(ledger)
        #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
    }

    @Test("The in-memory ledger's steps end by the clock", arguments: LedgerContract.budgetParts)
    func budget(part: LedgerContract.BudgetPart) async throws {
        let time = HurryingTime()
        let ledger = InMemoryLedger(stepTime: time) { time.noteCommit() }
        try await part.run(ledger, time)
        #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
    }

    @Test func `a failure that was asked for changes nothing and is over afterwards`() async throws {
        let ledger = InMemoryLedger()
        let scenario = try await LedgerScenario(ledger)
        ledger.failNext(.accept)
        await #expect(throws: LedgerError.self) { try await ledger.accept(scenario.prepared()) }
        #expect(ledger.inspect { $0.plans.isEmpty && $0.jobs.isEmpty })
        _ = try await scenario.accept(scenario.prepared())
    }

    @Test func `after a crash the ledger goes on and the process that died cannot write`() async throws {
        let dead = InMemoryLedger()
        let before = try await LedgerScenario(dead, targets: 1)
        let (_, jobs) = try await before.accept(before.prepared())
        let grant = try await before.begin(jobs[0])
        let ledger = dead.crash()
        dead.recover()
        await #expect(throws: LedgerError.self) { try await before.record(grant, .failed(LedgerScenario.error)) }

        let after = try await LedgerScenario(ledger, targets: 0)
        let later = Sample.now.adding(milliseconds: 9_000)
        #expect(try await ledger.closeAbandonedAttempts(at: later) == 1)
        #expect(try await ledger.closeAbandonedAttempts(at: later) == 0)
        let snapshot = try await after.job(jobs[0])
        #expect(snapshot.attempts.map(\.certainty) == [.ambiguous])
        #expect((snapshot.summary.job.status, snapshot.summary.job.epoch) == (.retrying, 2))
        #expect(try await after.begin(jobs[0], at: later).number == 2)
    }

    @Test func `a message in hand goes on after a crash with the attempt that follows`() async throws {
        let dead = InMemoryLedger()
        let before = try await LedgerScenario(dead, targets: 1)
        let (_, jobs) = try await before.accept(before.prepared())
        _ = try await before.begin(jobs[0])
        let after = try await LedgerScenario(dead.crash(), targets: 0)
        let grant = try await after.begin(jobs[0])
        #expect((grant.number, grant.scheduleStep, grant.claim.epoch) == (2, 1, 1))
    }
}
