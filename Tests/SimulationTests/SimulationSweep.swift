import Distribution
import DistributionTesting
import Synchronization

/// Many seeds, on as many threads as there are processors.
struct SimulationSweep: Sendable {
    /// What came of all seeds.
    struct Report: Sendable {
        var coverage = SimulationCoverage()
        /// The histories of all seeds in one number: two sweeps of the same seeds that agree in it did the same.
        var histories: UInt64 = 0
        /// The first seeds whose check failed, by seed, traces included where they are wanted.
        var failures: [SimulationRun.Outcome] = []
        /// Where there was one seed: what came of it.
        var only: SimulationRun.Outcome?
    }

    let seeds: Range<UInt64>
    var options = SimulationOptions()
    var workers = 2
    /// Seeds that fail before the rest is left out.
    var failureLimit = 3
    /// Whether a seed that fails is run once more for its trace, which costs more than the seed itself.
    var tracesFailures = true

    func run() async -> Report {
        let progress = Progress(first: seeds.lowerBound)
        return await withTaskGroup(of: Report.self) { group in
            for _ in 0..<workers {
                group.addTask {
                    var report = Report()
                    while progress.failures.load(ordering: .relaxed) < failureLimit {
                        let seed = progress.next.add(1, ordering: .relaxed).oldValue
                        guard seed < seeds.upperBound else { break }
                        let outcome = run(seed)
                        report.coverage += outcome.coverage
                        report.histories &+= outcome.traceHash
                        if seeds.count == 1 { report.only = outcome }
                        guard !outcome.violations.isEmpty else { continue }
                        progress.failures.add(1, ordering: .relaxed)
                        report.failures.append(tracesFailures ? traced(outcome) : outcome)
                    }
                    return report
                }
            }
            var sum = Report()
            for await report in group {
                sum.coverage += report.coverage
                // In whatever order the workers have come to them.
                sum.histories &+= report.histories
                sum.failures += report.failures
                sum.only = sum.only ?? report.only
            }
            sum.failures.sort { $0.seed < $1.seed }
            return sum
        }
    }

    /// Runs a seed, and every hundredth again: both have to do the same, step by step.
    private func run(_ seed: UInt64) -> SimulationRun.Outcome {
        let outcome = SimulationRun.execute(seed: seed, options)
        guard seed % 100 == 0 else { return outcome }
        let again = SimulationRun.execute(seed: seed, options)
        guard again.traceHash != outcome.traceHash else { return outcome }
        return SimulationRun.Outcome(
            seed: seed, violations: outcome.violations + ["A second run of the seed did something else."],
            traceHash: outcome.traceHash, steps: outcome.steps, lines: outcome.lines, coverage: outcome.coverage)
    }

    /// The same again, with its trace.
    private func traced(_ outcome: SimulationRun.Outcome) -> SimulationRun.Outcome {
        var options = options
        options.lineLimit = 300
        let again = SimulationRun.execute(seed: outcome.seed, options)
        return SimulationRun.Outcome(
            seed: outcome.seed, violations: outcome.violations, traceHash: outcome.traceHash, steps: outcome.steps,
            lines: again.lines, coverage: outcome.coverage)
    }
}

/// What the workers share.
private final class Progress: Sendable {
    let next: Atomic<UInt64>
    let failures = Atomic(0)

    init(first: UInt64) {
        next = Atomic(first)
    }
}
