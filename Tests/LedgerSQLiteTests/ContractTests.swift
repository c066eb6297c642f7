import Distribution
import DistributionTesting
import LedgerSQLite
import Testing

@Suite struct ContractTests {
    @Test("The SQLite ledger keeps the contract", .timeLimit(.minutes(1)), arguments: LedgerContract.parts)
    func contract(part: LedgerContract.Part) async throws {
        try await LedgerFile().withLedger { ledger in
            try await part.run(ledger)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        }
    }

    /// Tells a clock of each commit.
    private struct CommitWatch: CrashPoints {
        let time: HurryingTime

        func reached(_ point: CrashPoint) {
            if point == .transactionCommitted { time.noteCommit() }
        }
    }

    @Test("The SQLite ledger's steps end by the clock", .timeLimit(.minutes(1)), arguments: LedgerContract.budgetParts)
    func budget(part: LedgerContract.BudgetPart) async throws {
        let time = HurryingTime()
        try await LedgerFile().withLedger(time: time, crashPoints: CommitWatch(time: time)) { ledger in
            try await part.run(ledger, time)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        }
    }
}
