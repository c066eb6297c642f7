import DistributionTesting
import Testing

/// A simulation that finds nothing proves nothing: bugs of the kind that it is there for, each put into the ports under
/// the production code, have to be found.
@Suite("Deliberate bugs", .serialized)
struct DeliberateBugTests {
    /// A flaw, and what the check has to say of it.
    struct Case: Sendable, CustomTestStringConvertible {
        let flaw: SimulationFlaw
        let complaint: String
        /// After so many seeds that fail, no more are run: where the service cannot come to rest any more, each takes long.
        var failureLimit = Int.max

        var testDescription: String { "\(flaw)" }
    }

    private static let cases = [
        Case(flaw: .acknowledgesBeforeCommit, complaint: "was neither accepted nor refused"),
        Case(flaw: .retriesWithoutNewEpoch, complaint: "for good"),
        Case(flaw: .deletesBeforeConfirm, complaint: "were never published"),
        Case(flaw: .purgesYoungLetters, complaint: "was purged at"),
        Case(flaw: .removesOpenPlans, complaint: "had not ended when its plan was removed", failureLimit: 1),
        Case(flaw: .forgetsJobsOfRemovedPlans, complaint: "which is gone"),
    ]

    @Test func `queues that lose what waits in them are found within 400 seeds where nobody reconciles`() async throws {
        var sweep = SimulationSweep(seeds: 1..<401)
        sweep.options.losesQueues = true
        sweep.options.reconciles = false
        // A world that waits in vain takes its time.
        sweep.failureLimit = 2
        sweep.tracesFailures = false
        let report = await sweep.run()
        let found = report.failures.first { outcome in outcome.violations.contains { $0.contains("for good") } }
        let outcome = try #require(found)
        var options = SimulationOptions()
        options.losesQueues = true
        #expect(SimulationRun.execute(seed: outcome.seed, options).violations.isEmpty)
        SimulationReport.note("no reconciliation: seed \(outcome.seed).")
    }

    @Test(arguments: cases)
    func `a deliberate bug is found within 200 seeds, and the same seed holds without it`(_ bug: Case) async throws {
        var sweep = SimulationSweep(seeds: 1..<201)
        sweep.options.flaw = bug.flaw
        sweep.failureLimit = bug.failureLimit
        sweep.tracesFailures = false
        let report = await sweep.run()
        let found = report.failures.first { outcome in outcome.violations.contains { $0.contains(bug.complaint) } }
        let outcome = try #require(found)
        #expect(SimulationRun.execute(seed: outcome.seed, SimulationOptions()).violations.isEmpty)
        // The seed is all that it takes to see it again.
        var options = SimulationOptions()
        options.flaw = bug.flaw
        #expect(SimulationRun.execute(seed: outcome.seed, options).violations == outcome.violations)
        SimulationReport.note("\(bug.flaw): seed \(outcome.seed), \(report.failures.count) of 200 seeds.")
        SimulationReport.note(outcome.violations.prefix(5).map { "- \($0)" }.joined(separator: "\n"))
    }
}
