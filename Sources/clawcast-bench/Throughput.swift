import AMQP
import ArgumentParser
import Distribution
import LocalReceiver

/// The main figure: many plans at once, each to ten targets.
struct Throughput: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "1,000 plans of 10 targets each, as fast as they go.")

    @OptionGroup var stage: StageOptions
    @Option(help: "Plans to publish.") var plans = 1_000
    @Option(help: "Targets of each plan.") var targets = 10

    func run() async throws {
        let (plans, targets) = (plans, targets)
        let report = try await Stage.with(stage) { stage in
            let ids = try await stage.createTargets(targets)
            // One plan first: queues are consumed and connections warm.
            try await stage.publish(0..<1) { _ in PlanMessage(targets: ids) }
            try await Self.settle(stage, deliveries: targets, events: targets + 2)
            let before = try stage.usage()
            let clock = ContinuousClock()
            let start = clock.now
            try await stage.publish(1..<plans + 1) { _ in PlanMessage(targets: ids) }
            await stage.receiver.waitForRequests(targets * (plans + 1))
            let delivered = clock.now - start
            try await Self.settle(stage, deliveries: targets * (plans + 1), events: (targets + 2) * (plans + 1))
            let settled = clock.now - start
            let after = try stage.usage()
            let deliveries = Double(plans * targets)
            return JSONObject([
                ("scenario", .string("throughput")), ("plans", .integer(plans)), ("targets", .integer(targets)),
                ("deliveries", .integer(plans * targets)),
                ("distinct", .integer(stage.receiver.distinctDeliveries - targets)),
                ("deliveriesPerSecond", .rounded(deliveries / delivered.seconds, 0)),
                ("settledPerSecond", .rounded(deliveries / settled.seconds, 0)),
                (
                    "serviceCPUSecondsPer1000",
                    .rounded(
                        (after.service.cpuSeconds - before.service.cpuSeconds) / deliveries * 1000, 4)
                ),
                (
                    "brokerCPUSecondsPer1000",
                    .rounded(
                        (after.broker.cpuSeconds - before.broker.cpuSeconds) / deliveries * 1000, 4)
                ),
                ("servicePeakMB", .rounded(Double(after.service.peakMemoryBytes) / 1_000_000, 1)),
            ])
        }
        Report.print(report)
    }

    /// Waits until every delivery has been made and every event confirmed by the broker.
    private static func settle(_ stage: Stage, deliveries: Int, events: Int) async throws {
        await stage.receiver.waitForRequests(deliveries)
        for _ in 0..<3_000 {
            if try await stage.depth(of: "distribution.events.wordclaw") >= events { return }
            try await Task.sleep(for: .milliseconds(20))
        }
        let present = try await stage.depth(of: "distribution.events.wordclaw")
        throw BenchError("Only \(present) of \(events) events came within 60 s.")
    }
}
