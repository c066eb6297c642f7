import AMQP
import ArgumentParser
import Distribution
import Foundation
import LocalReceiver

/// A ledger full of what is too old to be kept, and deliveries that go on while it goes.
struct Retention: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Plans of 100 days ago are removed while 20 plans a second are delivered.")

    @OptionGroup var stage: StageOptions
    @Option(help: "Plans that ended 100 days ago, with one job each.") var plans = 50_000
    @Option(help: "Plans a second that are delivered meanwhile.") var rate = 20
    @Option(help: "Plans that are delivered for comparison, once all of it is gone.") var comparison = 300

    /// What is measured of deliveries: milliseconds from publish to receiver.
    private struct Deliveries {
        var number = 0
        var toReceiver: [Double] = []
    }

    func run() async throws {
        let plans = plans
        let report = try await Stage.with(
            stage, prepare: { folder in try await OldLedger.fill(folder, plans: plans) },
            { stage in try await measure(on: stage) })
        Report.print(report)
    }

    private func measure(on stage: Stage) async throws -> JSONObject {
        let ids = try await stage.createTargets(1)
        let events = try await EventReader(stage.connection)
        let clock = ContinuousClock()
        let expected = OldLedger.rows(ofPlans: plans)
        var (meanwhile, after) = (Deliveries(), Deliveries())
        let begun = try await stage.api.metric("clawcast_retention_rows_total") ?? 0
        let start = clock.now
        var rows = begun
        while rows < expected {
            try await deliver(to: ids, on: stage, events, &meanwhile)
            rows = try await stage.api.metric("clawcast_retention_rows_total") ?? 0
        }
        let seconds = (clock.now - start).seconds
        let longest = try await stage.api.metric("clawcast_retention_step_longest_seconds") ?? 0
        after.number = meanwhile.number
        for _ in 0..<comparison { try await deliver(to: ids, on: stage, events, &after) }
        return JSONObject([
            ("scenario", .string("retention")), ("plans", .integer(plans)), ("rows", .integer(Int(rows))),
            ("rowsPerSecond", .rounded((rows - begun) / seconds, 0)), ("longestStepMs", .rounded(longest * 1_000, 0)),
            ("deliveriesMeanwhile", .integer(meanwhile.toReceiver.count)),
            ("meanwhileP50Ms", .rounded(meanwhile.toReceiver.quantile(0.5), 2)),
            ("meanwhileP99Ms", .rounded(meanwhile.toReceiver.quantile(0.99), 2)),
            ("afterP50Ms", .rounded(after.toReceiver.quantile(0.5), 2)),
            ("afterP99Ms", .rounded(after.toReceiver.quantile(0.99), 2)),
        ])
    }

    private func deliver(
        to targets: [Int64], on stage: Stage, _ events: EventReader, _ deliveries: inout Deliveries
    ) async throws {
        let clock = ContinuousClock()
        let next = clock.now + .milliseconds(1000 / rate)
        let plan = PlanMessage(targets: targets).message(number: deliveries.number)
        let published = Report.monotonicNanoseconds()
        guard await stage.connection.makePublisher().publish(plan) == .confirmed else {
            throw BenchError("A plan was not confirmed.")
        }
        _ = try await events.next(type: "distribution.job.succeeded")
        // The first plans warm connections and caches.
        if deliveries.number >= 20, let request = stage.receiver.requests().last {
            deliveries.toReceiver.append(Double(request.monotonicNanoseconds - published) / 1e6)
        }
        deliveries.number += 1
        try await clock.sleep(until: next)
    }
}
