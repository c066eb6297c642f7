import AMQP
import ArgumentParser
import Distribution

/// What a thousand targets cost while nothing happens.
struct Idle: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "1,000 idle targets: CPU of service and broker.")

    @OptionGroup var stage: StageOptions
    @Option(help: "Targets.") var targets = 1_000
    @Option(help: "Seconds to watch.") var seconds = 20

    func run() async throws {
        let (targets, seconds) = (targets, seconds)
        let report = try await Stage.with(stage) { stage in
            let ids = try await stage.createTargets(targets)
            try await waitForConsumers(stage, of: ids)
            try await Task.sleep(for: .seconds(5))
            let before = try stage.usage()
            try await Task.sleep(for: .seconds(seconds))
            let after = try stage.usage()
            let service = (after.service.cpuSeconds - before.service.cpuSeconds) / Double(seconds)
            let broker = (after.broker.cpuSeconds - before.broker.cpuSeconds) / Double(seconds)
            return JSONObject([
                ("scenario", .string("idle")), ("targets", .integer(targets)), ("seconds", .integer(seconds)),
                ("serviceCorePercent", .rounded(service * 100, 2)), ("brokerCorePercent", .rounded(broker * 100, 2)),
                ("servicePeakMB", .rounded(Double(after.service.peakMemoryBytes) / 1_000_000, 1)),
            ])
        }
        Report.print(report)
    }

    private func waitForConsumers(_ stage: Stage, of targets: [Int64]) async throws {
        for id in targets {
            let queue = "distribution.jobs.webhook.\(id)"
            for _ in 0..<1_200 {
                let consumers = try? await stage.connection.withChannel { channel in
                    try await Int(channel.declareQueue(name: queue, passive: true).consumerCount)
                }
                if consumers == 1 { break }
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
