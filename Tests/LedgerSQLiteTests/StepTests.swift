import Distribution
import DistributionTesting
import Testing

@testable import LedgerSQLite

/// Plans of many targets are called off and tried again in steps, which a crash may separate.
@Suite("What is done to a plan in steps", .timeLimit(.minutes(1)))
struct StepTests {
    private static let many = SQLiteLedger.sharedPart + 60

    private func fail(_ jobs: [JobID], _ scenario: LedgerScenario) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for id in jobs {
                group.addTask { try await scenario.record(scenario.begin(id), .failed(LedgerScenario.error)) }
            }
            try await group.waitForAll()
        }
    }

    /// Kinds and sequences of a plan's events, and that nothing contradicts itself.
    private func kinds(_ scenario: LedgerScenario) async throws -> [String] {
        let events = try await scenario.events().filter { $0.sequence != nil }
        #expect(events.compactMap(\.sequence) == Array(1...Int64(events.count)))
        #expect(try await LedgerAudit.whole(of: scenario.ledger).findings.all == [])
        return events.map(\.kind)
    }

    @Test func `a plan of many targets is called off whole, and says so once, at the end`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: Self.many)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            #expect(jobs.count == Self.many)
            #expect(try await ledger.cancelPlan(scenario.cancellation(id), at: Sample.now) == .cancelled(id))
            let plan = try await scenario.plan(id)
            #expect((plan.status, plan.counts.cancelled) == (.cancelled, Self.many))
            let told = try await kinds(scenario)
            let cancelled = Array(repeating: "job.cancelled", count: Self.many)
            #expect(told == ["plan.accepted"] + cancelled + ["plan.cancelled"])
        }
    }

    @Test func `a cancellation that was cut short lets nothing start, and is finished later`() async throws {
        let file = try LedgerFile()
        let (id, jobs) = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 6)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            let lucky = try await scenario.begin(jobs[5])
            let cancellation = scenario.cancellation(id)
            let (recall, next) = try await ledger.writer.perform {
                try $0.cancelPlan(cancellation, limit: 2, at: Sample.now)
            }
            #expect((recall, next) == (.cancelled(id), jobs[1]))
            let plan = try await scenario.plan(id)
            #expect((plan.status, plan.counts.cancelled, plan.counts.queued) == (.cancelled, 2, 3))
            #expect(try await ledger.begin(scenario.request(jobs[3])) == .stale)
            let retry = try await ledger.retryPlan(id, domainID: LedgerScenario.domain, at: Sample.now)
            #expect(retry == .refused(.planCancelled))
            try await scenario.record(lucky, .succeeded(externalID: nil, externalURL: nil))
            #expect(try await kinds(scenario).last == "job.succeeded")
            return (id, jobs)
        }
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            #expect(try await ledger.closeAbandonedAttempts(at: Sample.now) == 0)
            let plan = try await scenario.plan(id)
            #expect((plan.counts.cancelled, plan.counts.succeeded) == (5, 1))
            let told = try await kinds(scenario)
            #expect(told.suffix(4) == ["job.cancelled", "job.cancelled", "job.cancelled", "plan.cancelled"])
            #expect(told.count { $0 == "plan.cancelled" } == 1)
            #expect(try await ledger.cancelPlan(scenario.cancellation(id), at: Sample.now) == .repeated(id))
            #expect(try await scenario.job(jobs[0]).summary.job.status == .cancelled)
            #expect(try await kinds(scenario).count == told.count)
        }
    }

    @Test func `calling a plan off again finishes it, and its last job ends it whichever way`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let (first, _) = try await scenario.accept(scenario.prepared(key: "again"))
            let (second, jobs) = try await scenario.accept(scenario.prepared(key: "alone"))
            let running = try await scenario.begin(jobs[2])
            for id in [first, second] {
                let cancellation = scenario.cancellation(id)
                _ = try await ledger.writer.perform { try $0.cancelPlan(cancellation, limit: 2, at: Sample.now) }
            }
            #expect(try await ledger.cancelPlan(scenario.cancellation(first), at: Sample.now) == .repeated(first))
            #expect(try await scenario.plan(first).counts.cancelled == 3)
            // Nobody came to the last one, and it succeeds.
            try await scenario.record(running, .succeeded(externalID: nil, externalURL: nil))
            #expect(try await ledger.cancelPlan(scenario.cancellation(second), at: Sample.now) == .repeated(second))
            let told = try await scenario.events().filter { $0.subject == "plans/\(second)" }
            #expect(told.map(\.kind) == ["plan.accepted", "plan.cancelled"])
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        }
    }

    @Test func `a plan of many failed jobs is tried again whole`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: Self.many)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            try await fail(jobs, scenario)
            let retry = try await ledger.retryPlan(id, domainID: LedgerScenario.domain, at: Sample.now)
            #expect(retry == .retried(Self.many))
            #expect(try await scenario.plan(id).counts.queued == Self.many)
            let told = try await kinds(scenario).suffix(Self.many + 1)
            #expect(Array(told) == ["plan.reopened"] + Array(repeating: "job.replayed", count: Self.many))
            let again = try await ledger.retryPlan(id, domainID: LedgerScenario.domain, at: Sample.now)
            #expect(again == .refused(.status(.queued)))
        }
    }

    @Test func `a retry that was cut short goes on on the next start, and looks at each job once`() async throws {
        let file = try LedgerFile()
        let (id, jobs) = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 5)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            try await fail(jobs, scenario)
            let first = try await ledger.writer.perform {
                try $0.retryPlan(id, domainID: LedgerScenario.domain, limit: 2, at: Sample.now)
            }
            #expect(first?.0 == PlanRetryStep(retried: 2, obstacle: nil, isLast: false))
            // One of them fails once more before the process ends.
            try await scenario.record(scenario.begin(jobs[0]), .failed(LedgerScenario.error))
            return (id, jobs)
        }
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            _ = try await ledger.closeAbandonedAttempts(at: Sample.now)
            _ = try await ledger.closeAbandonedAttempts(at: Sample.now)
            let counts = try await scenario.plan(id).counts
            #expect((counts.queued, counts.failed) == (4, 1))
            #expect(try await scenario.job(jobs[0]).summary.job.status == .failed)
            let told = try await kinds(scenario)
            #expect(told.count { $0 == "plan.reopened" } == 1)
            #expect(told.count { $0 == "job.replayed" } == 5)
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.claim.epoch) == [2, 2, 2, 2])
        }
    }

    @Test func `a retry ends where its plan is called off`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            try await fail(jobs, scenario)
            _ = try await ledger.writer.perform {
                try $0.retryPlan(id, domainID: LedgerScenario.domain, limit: 1, at: Sample.now)
            }
            #expect(try await ledger.cancelPlan(scenario.cancellation(id), at: Sample.now) == .cancelled(id))
            _ = try await ledger.closeAbandonedAttempts(at: Sample.now)
            let counts = try await scenario.plan(id).counts
            #expect((counts.cancelled, counts.failed) == (1, 2))
            #expect(try await ledger.writer.perform { try $0.planBeingRetried() } == nil)
        }
    }

    @Test func `a retry ends where its plan has been removed`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let (id, jobs) = try await scenario.accept(scenario.prepared())
            try await fail(jobs, scenario)
            let first = try await ledger.writer.perform {
                try $0.retryPlan(id, domainID: LedgerScenario.domain, limit: 1, at: Sample.now)
            }
            // A disk that is full now, say; the plan comes to its end again and grows old.
            #expect(first?.0.isLast == false)
            try await scenario.record(scenario.begin(jobs[0]), .failed(LedgerScenario.error))
            let told = try #require(try await ledger.owedEvents(after: 0, limit: 99).last)
            try await ledger.confirmEvents(through: told.place)
            let later = Sample.now.adding(milliseconds: 1_000_000)
            var (removed, isDone) = (0, false)
            while !isDone {
                let step = try await ledger.removePlans(endedBefore: later, limit: 9)
                (removed, isDone) = (removed + step.rows, step.isLast)
            }
            #expect(removed > 0)
        }
        try await file.withLedger { ledger in
            #expect(try await ledger.writer.perform { try $0.planBeingRetried() } != nil)
            _ = try await ledger.closeAbandonedAttempts(at: Sample.now)
            #expect(try await ledger.writer.perform { try $0.planBeingRetried() } == nil)
        }
    }
}
