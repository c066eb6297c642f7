package import Distribution
import Testing

extension LedgerContract {
    /// What steps owe to those who wait for the writer; each needs a ledger whose steps end by the clock that it is given,
    /// and that tells this clock of its commits.
    package static let budgetParts: [BudgetPart] = budget + recallBudget

    package struct BudgetPart: Sendable, CustomStringConvertible {
        package let description: String
        package let run: @Sendable (any Ledger, HurryingTime) async throws -> Void

        init(_ description: String, _ run: @escaping @Sendable (any Ledger, HurryingTime) async throws -> Void) {
            self.description = description
            self.run = run
        }
    }

    private static let later = Sample.now.adding(milliseconds: 1_000_000)
    /// Far more than fit between so few looks at the clock.
    static let many = 60

    /// Lets steps happen under a clock that allows each three looks.
    ///
    /// - Returns: The rows of each.
    private static func hurriedSteps(
        _ time: HurryingTime, _ step: () async throws -> RetentionStep
    ) async throws -> [Int] {
        time.hurry(by: StepClock.budget / 3)
        defer { time.hurry(by: 0) }
        var rows: [Int] = []
        while rows.count < 1_000 {
            let step = try await step()
            rows.append(step.rows)
            if step.isLast { break }
            #expect(step.heldMilliseconds >= StepClock.budget, "it said that there is more, and had time left")
            #expect(step.rows > 0, "a step came no further")
        }
        return rows
    }

    private static let budget: [BudgetPart] = [
        BudgetPart("letters that are old are purged no longer than the clock allows, and all in the end") {
            ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            _ = try await scenario.deadPlans(many / 2)
            let rows = try await hurriedSteps(time) {
                try await ledger.purgeDeadLetters(diedBefore: later, limit: 200, at: later)
            }
            #expect(rows.count > 3, "\(rows)")
            #expect(rows.reduce(0, +) == many)
            #expect(try await ledger.deadLetters(domainID: LedgerScenario.domain, Page(), filter: JobFilter()).isEmpty)
        },
        BudgetPart("the bytes of one large plan are let go no longer than the clock allows, and all in the end") {
            ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: many)
            _ = try await scenario.deadPlans(1)
            let rows = try await hurriedSteps(time) {
                try await ledger.releasePayloads(ofPlansEndedBefore: later, limit: 200, at: later)
            }
            #expect(rows.count > 3, "\(rows)")
            #expect(rows.reduce(0, +) == many)
            #expect(try await ledger.releasePayloads(ofPlansEndedBefore: later, limit: 9, at: later).rows == 0)
        },
        BudgetPart("one large plan is removed no longer than the clock allows, and whole in the end") { ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: many)
            let plans = try await scenario.deadPlans(1)
            try await scenario.confirmAllEvents()
            let rows = try await hurriedSteps(time) {
                let step = try await ledger.removePlans(endedBefore: later, limit: 200)
                #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
                return step
            }
            #expect(rows.count > 3, "\(rows)")
            // The plan, and each job with its attempt.
            #expect(rows.reduce(0, +) == 1 + 2 * many)
            #expect(try await ledger.jobSnapshot(plans[0].jobs[many - 1], domainID: LedgerScenario.domain) == nil)
        },
        BudgetPart("runs that ended long ago are forgotten no longer than the clock allows") { ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            for _ in 0..<many { _ = try await scenario.finish(scenario.start(.replay)) }
            let rows = try await hurriedSteps(time) {
                try await ledger.removeDeadLetterRuns(endedBefore: later, limit: 200)
            }
            #expect(rows.count > 3, "\(rows)")
            #expect(rows.reduce(0, +) == many)
        },
        BudgetPart("a step of a run ends by the clock, notes how far it came, and the next goes on from there") {
            ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            _ = try await scenario.deadPlans(many / 2)
            for kind in [DeadLetterRun.Kind.replay, .purge] {
                let run = try await scenario.start(kind, at: later)
                time.hurry(by: StepClock.budget)
                var handled: [Int] = []
                while let step = try await ledger.advanceDeadLetterRun(run.id, limit: 200, at: later) {
                    handled.append(step.handled)
                    #expect(step.handled > 0, "a step came no further")
                    #expect(step.run.handled == handled.reduce(0, +))
                }
                time.hurry(by: 0)
                #expect(handled.count > 2, "\(handled)")
                let ended = try await ledger.deadLetterRun(run.id, domainID: LedgerScenario.domain)
                #expect((ended?.handled, ended?.skipped, ended?.status) == (many, 0, .done))
                guard kind == .replay else { continue }
                // They die again.
                for owed in try await ledger.owedJobs(after: nil, limit: 200) {
                    try await scenario.record(
                        scenario.begin(owed.claim.jobID, at: later), .failed(LedgerScenario.error),
                        at: later.adding(milliseconds: -1))
                }
            }
        },
    ]
}
