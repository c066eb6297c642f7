import Testing

/// `CLAWCAST_SIM_SEEDS` says how many seeds, `CLAWCAST_SIM_SEED` the first, `CLAWCAST_SIM_REPORT` a file for what came of
/// them; `deploy/simulate` sets all three. One seed alone is reported with its whole trace.
@Suite("Conservation", .serialized)
struct ConservationTests {
    private let first = UInt64(environment: "CLAWCAST_SIM_SEED") ?? 1
    private let count = UInt64(environment: "CLAWCAST_SIM_SEEDS") ?? 10_000

    @Test func `the conservation holds after every seed`() async {
        var sweep = SimulationSweep(seeds: first..<first + count)
        if count == 1 { sweep.options.lineLimit = 100_000 }
        let report = await sweep.run()
        SimulationReport.write(report)
        for failure in report.failures { Issue.record(Comment(rawValue: failure.description)) }
    }

    @Test func `the conservation holds where queues lose what waits in them, as reconciliation finds out`() async {
        var sweep = SimulationSweep(seeds: first..<first + max(1, count / 8))
        sweep.options.losesQueues = true
        if count == 1 { sweep.options.lineLimit = 100_000 }
        let report = await sweep.run()
        for failure in report.failures { Issue.record(Comment(rawValue: failure.description)) }
    }

    @Test func `the worlds meet everything that the conservation has to survive`() async {
        let coverage = await SimulationSweep(seeds: 1..<300).run().coverage
        for (name, count) in coverage.counts { #expect(count > 0, "\(name)") }
    }
}
