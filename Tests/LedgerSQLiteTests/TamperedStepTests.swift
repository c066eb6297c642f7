import Distribution
import DistributionTesting
import GRDB
import Testing

@testable import LedgerSQLite

/// What is done in steps comes to its end also where somebody has changed rows with a SQLite tool, or a later version has.
@Suite("Steps on a tampered ledger", .timeLimit(.minutes(1))) struct TamperedStepTests {
    private func tamper(_ file: LedgerFile, _ sql: String) throws {
        let queue = try DatabaseQueue(path: file.path)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test func `a cancelled plan whose counts name open jobs that are none is looked at once`() async throws {
        let file = try LedgerFile()
        let (wrong, cut) = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let (wrong, _) = try await scenario.accept(scenario.prepared(key: "wrong"))
            _ = try await ledger.cancelPlan(scenario.cancellation(wrong), at: Sample.now)
            let (cut, _) = try await scenario.accept(scenario.prepared(key: "cut"))
            let cancellation = scenario.cancellation(cut)
            _ = try await ledger.writer.perform { try $0.cancelPlan(cancellation, limit: 1, at: Sample.now) }
            return (wrong, cut)
        }
        try tamper(file, "UPDATE distribution_plans SET queuedCount = 5 WHERE id = \(wrong)")
        try await file.withLedger { ledger in
            #expect(try await ledger.closeAbandonedAttempts(at: Sample.now) == 0)
            // The one behind it comes to its turn.
            let scenario = try await LedgerScenario(ledger, targets: 0)
            #expect(try await scenario.plan(cut).counts.cancelled == 3)
            #expect(try await LedgerAudit.whole(of: ledger).findings[.planCountsWrong]?.count == 1)
        }
    }

    @Test(arguments: [
        #"{"errorCode":"OF_TOMORROW"}"#, #"{"statusCode":503}"#, #"{"jobIds":["1"]}"#, "[]", "not json",
    ])
    func `a run whose selection cannot be read takes no letter, and holds up no other`(selection: String) async throws {
        let file = try LedgerFile()
        let (unreadable, other, dead) = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let dead = try await scenario.deadPlans(2).flatMap(\.jobs)
            let unreadable = try await scenario.start(.purge, DeadLetterSelection(errorCode: .timeout))
            return (unreadable, try await scenario.start(.replay, DeadLetterSelection(jobIDs: [dead[0]])), dead)
        }
        try tamper(file, "UPDATE dead_letter_runs SET selectionJson = '\(selection)' WHERE id = \(unreadable.id)")
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            #expect(try await ledger.openDeadLetterRuns().map(\.id) == [unreadable.id, other.id])
            let later = Sample.now.adding(milliseconds: 1_000_000)
            for (run, handled) in [(unreadable, 0), (other, 1)] {
                let step = try #require(try await ledger.advanceDeadLetterRun(run.id, limit: 99, at: later))
                #expect((step.handled, step.run.status) == (handled, .done))
            }
            let letters = try await ledger.deadLetters(domainID: LedgerScenario.domain, Page(), filter: JobFilter())
            #expect(letters.count == dead.count - 1)
            #expect(try await scenario.job(dead[0]).summary.job.status == .queued)
        }
    }
}
