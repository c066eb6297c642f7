import AMQP
import ArgumentParser
import Distribution
import LocalReceiver

/// How late retries are, for several delays; early is never.
struct Retries: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Jobs that fail once: the second attempt against the time it was due.")

    @OptionGroup var stage: StageOptions
    @Option(help: "Plans for each delay.") var plans = 100
    @Option(help: "Delays in seconds.") var delays: [Double] = [0.5, 2, 10]

    func run() async throws {
        for delay in delays { Report.print(try await measure(delay)) }
    }

    private func measure(_ delay: Double) async throws -> JSONObject {
        let plans = plans
        return try await Stage.with(stage) { stage in
            let retry: JSON = .object([
                "scheduleSeconds": .array([.number("\(delay)")]), "jitter": .integer(0),
            ])
            let ids = try await stage.createTargets(1, path: "/fail-first/1/503", retry: retry)
            let events = try await EventReader(stage.connection)
            let publisher = stage.connection.makePublisher()
            _ = await publisher.publish((0..<plans).map { PlanMessage(targets: ids).message(number: $0) })
            var due: [String: Int64] = [:]
            for _ in 0..<plans {
                let job = try await events.next(type: "distribution.job.retrying").job
                let moment = job["nextAttemptAt"]?.stringValue.flatMap { Timestamp(iso8601: $0) }
                guard let id = job["deliveryId"]?.stringValue, let moment else {
                    throw BenchError("A job.retrying event does not say when.")
                }
                due[id] = moment.milliseconds
            }
            await stage.receiver.waitForRequests(plans * 2)
            var second: [String: Int64] = [:]
            for request in stage.receiver.requests() {
                if let id = request.deliveryID { second[id] = request.wallNanoseconds / 1_000_000 }
            }
            let lateness = due.compactMap { id, moment in second[id].map { Double($0 - moment) } }
            return JSONObject([
                ("scenario", .string("retries")), ("delaySeconds", .rounded(delay, 1)), ("jobs", .integer(plans)),
                ("early", .integer(lateness.count { $0 < 0 })), ("p50LateMs", .rounded(lateness.quantile(0.5), 1)),
                ("p99LateMs", .rounded(lateness.quantile(0.99), 1)),
            ])
        }
    }
}

extension EventReader.Event {
    fileprivate var job: JSONObject { body["data"]?.objectValue?["job"]?.objectValue ?? [:] }
}
