import Distribution
import DistributionTesting
import Glibc
import Testing

/// `CLAWCAST_SIM_SEEDS` says how many seeds, `CLAWCAST_SIM_SEED` the first; `deploy/simulate` sets both.
@Suite("Conservation", .serialized)
struct ConservationTests {
    @Test func `the conservation holds after every seed`() async {
        let first = UInt64(environment: "CLAWCAST_SIM_SEED") ?? 1
        let count = UInt64(environment: "CLAWCAST_SIM_SEEDS") ?? 10_000
        var sweep = SimulationSweep(seeds: first..<first + count)
        sweep.options.lineLimit = 0
        let report = await sweep.run()
        for failure in report.failures { Issue.record(Comment(rawValue: failure.description)) }
        print(report.coverage)
    }
}

extension SimulationRun.Outcome: CustomStringConvertible {
    var description: String {
        """
        Seed \(seed) fails:
        \(violations.map { "- \($0)" }.joined(separator: "\n"))
        Its last steps:
        \(lines.joined(separator: "\n"))
        Replay it with: deploy/simulate --seed \(seed)
        """
    }
}

extension FixedWidthInteger {
    init?(environment name: String) {
        guard let text = getenv(name) else { return nil }
        self.init(String(cString: text))
    }
}
