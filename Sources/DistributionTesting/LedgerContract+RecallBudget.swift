import Distribution
import Testing

/// Large plans are called off and tried again in steps, each of which ends by the clock and commits.
extension LedgerContract {
    private static let later = Sample.now.adding(milliseconds: 1_000_000)

    /// Lets something happen in steps under a clock that is used up by each look, and checks that none went on past it.
    private static func inShortSteps(_ time: HurryingTime, _ body: () async throws -> Void) async throws {
        time.hurry(by: StepClock.budget)
        defer { time.hurry(by: 0) }
        let gaps = try await time.commits(during: body)
        #expect(gaps.count > 2, "\(gaps)")
        // The look of the step before at its end, the one at the beginning, and the one that ends it.
        #expect(gaps.allSatisfy { $0 <= 3 * StepClock.budget }, "\(gaps)")
    }

    static let recallBudget: [BudgetPart] = [
        BudgetPart("a large plan is called off no longer than the clock allows, and whole in the end") { ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: many)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            let running = try await scenario.begin(jobs[many - 1])
            try await inShortSteps(time) {
                let recall = try await ledger.cancelPlan(scenario.cancellation(id), at: later)
                #expect(recall == .cancelled(id))
            }
            #expect(try await scenario.plan(id).counts.cancelled == many)
            let told = try await scenario.eventKinds()
            let cancelled = Array(repeating: "job.cancelled", count: many)
            #expect(told == ["plan.accepted"] + cancelled + ["plan.cancelled"])
            #expect(try await scenario.record(running, .failed(LedgerScenario.error)).status == .cancelled)
        },
        BudgetPart("a large plan is tried again no longer than the clock allows, and each of its jobs once") {
            ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: many)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            for (place, job) in jobs.enumerated() {
                // Some wait, some have succeeded, most have failed.
                let resolution: AttemptReport.Resolution =
                    switch place % 10 {
                    case 3: .retry(at: later, LedgerScenario.error)
                    case 7: .succeeded(externalID: nil, externalURL: nil)
                    default: .failed(LedgerScenario.error)
                    }
                try await scenario.record(scenario.begin(job), resolution)
            }
            try await inShortSteps(time) {
                let retry = try await ledger.retryPlan(id, domainID: LedgerScenario.domain, at: later)
                #expect(retry == .retried(many * 9 / 10))
            }
            let counts = try await scenario.plan(id).counts
            #expect((counts.queued, counts.retrying, counts.succeeded) == (many * 8 / 10, many / 10, many / 10))
            let owed = try await ledger.owedJobs(after: nil, limit: 2 * many)
            #expect(owed.count { $0.claim.epoch == 2 } == many * 8 / 10)
            #expect(owed.count { $0.claim.epoch == 3 && $0.dueAt == later } == many / 10)
            let told = try await scenario.eventKinds()
            #expect(told.count { $0 == "job.replayed" } == many * 8 / 10)
        },
        BudgetPart("what the jobs of a large plan that has nothing to try again say is told whole") { ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: many)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            for job in jobs { try await scenario.record(scenario.begin(job), .failed(LedgerScenario.error)) }
            for target in scenario.targets { _ = try await ledger.deleteTarget(target.id) }
            let before = try await scenario.eventKinds()
            try await inShortSteps(time) {
                let retry = try await ledger.retryPlan(id, domainID: LedgerScenario.domain, at: later)
                #expect(retry == .refused(.targetDeleted))
            }
            #expect(try await scenario.eventKinds() == before)
        },
        BudgetPart("the jobs of a deleted target are called off no longer than the clock allows") { ledger, time in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            for number in 0..<many { _ = try await scenario.accept(scenario.prepared(key: "key-\(number)")) }
            try await inShortSteps(time) { _ = try await ledger.deleteTarget(scenario.targets[0].id) }
            let totals = try await ledger.totals()
            #expect(totals.jobs.cancelled == many)
        },
    ]
}
