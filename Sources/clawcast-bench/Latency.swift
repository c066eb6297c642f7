import AMQP
import ArgumentParser
import Distribution
import Foundation
import LocalReceiver

/// One plan at a time: how long until the receiver has it, and until its receipt is an event.
struct Latency: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "20 plans a second, one target: publish to receiver, publish to receipt event.")

    @OptionGroup var stage: StageOptions
    @Option(help: "Plans to publish.") var plans = 300
    @Option(help: "Plans a second.") var rate = 20

    func run() async throws {
        let (plans, rate) = (plans, rate)
        let report = try await Stage.with(stage) { stage in
            let ids = try await stage.createTargets(1)
            let events = try await EventReader(stage.connection)
            let publisher = stage.connection.makePublisher()
            var toReceiver: [Double] = []
            var toEvent: [Double] = []
            let clock = ContinuousClock()
            for number in 0..<plans + 20 {
                let next = clock.now + .milliseconds(1000 / rate)
                let plan = PlanMessage(targets: ids).message(number: number)
                let published = Report.monotonicNanoseconds()
                let outcome = await publisher.publish(plan)
                guard outcome == .confirmed else { throw BenchError("A plan was not confirmed.") }
                let seen = try await events.next(type: "distribution.job.succeeded")
                // The first plans warm connections and caches.
                if number >= 20, let request = stage.receiver.requests().last {
                    toReceiver.append(Double(request.monotonicNanoseconds - published) / 1e6)
                    toEvent.append(Double(seen.monotonicNanoseconds - published) / 1e6)
                }
                try await clock.sleep(until: next)
            }
            return JSONObject([
                ("scenario", .string("latency")), ("plans", .integer(plans)), ("plansPerSecond", .integer(rate)),
                ("toReceiverP50Ms", .rounded(toReceiver.quantile(0.5), 2)),
                ("toReceiverP99Ms", .rounded(toReceiver.quantile(0.99), 2)),
                ("toEventP50Ms", .rounded(toEvent.quantile(0.5), 2)),
                ("toEventP99Ms", .rounded(toEvent.quantile(0.99), 2)),
            ])
        }
        Report.print(report)
    }
}
