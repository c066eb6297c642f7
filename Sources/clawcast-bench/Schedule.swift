import AMQP
import ArgumentParser
import Distribution
import Foundation
import LocalReceiver

/// What plans cost that wait for their time, and how exactly a burst of them keeps it while they wait.
struct Schedule: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "100,000 plans that wait: CPU and memory; then plans that become due: how late each comes.")

    @OptionGroup var stage: StageOptions
    @Option(help: "Plans that wait throughout.") var waiting = 100_000
    @Option(help: "Plans that become due.") var due = 1_000
    @Option(help: "Plans that become due at one moment; the moments are half a second apart.") var together = 50
    @Option(help: "Seconds to watch the plans that wait.") var seconds = 20

    func run() async throws {
        let (waiting, due, together, seconds) = (waiting, due, together, seconds)
        let report = try await Stage.with(stage, keepBodies: true) { stage in
            let ids = try await stage.createTargets(1)
            let start = ContinuousClock.now
            let tomorrow = Self.now().adding(milliseconds: 86_400_000)
            try await stage.publish(0..<waiting, inBatchesOf: 500) { _ in
                PlanMessage(targets: ids, scheduledAt: tomorrow)
            }
            try await waitUntilScheduled(waiting, stage)
            let accepting = (ContinuousClock.now - start).seconds
            try await Task.sleep(for: .seconds(10))
            let before = try stage.usage().service
            try await Task.sleep(for: .seconds(seconds))
            let after = try stage.usage().service
            let lateness = try await burst(due, together, ids, stage)
            let end = try stage.usage().service
            let share = (after.cpuSeconds - before.cpuSeconds) / Double(seconds)
            return JSONObject([
                ("scenario", .string("schedule")), ("waiting", .integer(waiting)),
                ("acceptedPerSecond", .rounded(Double(waiting) / accepting, 0)),
                ("idleCorePercent", .rounded(share * 100, 2)),
                ("rssMB", .rounded(Double(after.memoryBytes) / 1_000_000, 1)),
                ("due", .integer(due)), ("together", .integer(together)),
                ("early", .integer(lateness.count { $0 < 0 })), ("p50LateMs", .rounded(lateness.quantile(0.5), 1)),
                ("p99LateMs", .rounded(lateness.quantile(0.99), 1)), ("maxLateMs", .rounded(lateness.max() ?? 0, 1)),
                ("rssAfterMB", .rounded(Double(end.memoryBytes) / 1_000_000, 1)),
            ])
        }
        Report.print(report)
    }

    /// Lets plans become due in groups, and tells how many milliseconds late each came to the receiver.
    private func burst(_ count: Int, _ together: Int, _ ids: [Int64], _ stage: Stage) async throws -> [Double] {
        // By then all of them are accepted.
        let first = Self.now().adding(milliseconds: 5_000 + Int64(count) * 2)
        let times = (0..<count).map { first.adding(milliseconds: Int64($0 / together) * 500) }
        let numbers = 1_000_000..<1_000_000 + count
        try await stage.publish(numbers, inBatchesOf: 500) {
            PlanMessage(targets: ids, scheduledAt: times[$0 - numbers.lowerBound])
        }
        guard Self.now() < first else { throw BenchError("The plans were not accepted before they were due.") }
        await stage.receiver.waitForRequests(count)
        return try stage.receiver.requests().map { request in
            let body = try JSON.parse(request.body).objectValue
            guard let item = body?["data"]?.objectValue?["contentItemId"]?.integerValue else {
                throw BenchError("A request does not say which plan it is for.")
            }
            let time = times[Int(item) - 1 - numbers.lowerBound]
            return Double(request.wallNanoseconds) / 1e6 - Double(time.milliseconds)
        }
    }

    private func waitUntilScheduled(_ count: Int, _ stage: Stage) async throws {
        for _ in 0..<1_000 {
            if try await stage.api.metric("clawcast_jobs_scheduled") == Double(count) { return }
            try await Task.sleep(for: .milliseconds(250))
        }
        throw BenchError("The plans were not accepted in time.")
    }

    private static func now() -> Timestamp {
        Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1_000))
    }
}
