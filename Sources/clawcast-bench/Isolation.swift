import AMQP
import ArgumentParser
import Distribution
import LocalReceiver

/// What targets that misbehave cost those that don't: latency of the healthy ones with and without them.
struct Isolation: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "100 targets, without bad ones, with one that hangs and one with a quota, and with 20 that hang.")

    @OptionGroup var stage: StageOptions
    @Option(help: "Seconds of publishing in each run.") var seconds = 20
    @Option(help: "Plans a second, of 10 targets each.") var rate = 60
    @Option(help: "Runs of each kind, one kind after the other.") var rounds = 3

    /// Which of the hundred targets misbehave; the others accept.
    private enum Company: String, CaseIterable {
        case healthy
        case oneHangsOneLimits = "1 hangs, 1 answers 429"
        case twentyHang = "20 hang"

        static let targets = 100
        private static let limited = "/quota/20/5/0"

        func path(of number: Int) -> String {
            switch self {
            case .healthy: "/t/\(number)"
            case .oneHangsOneLimits: number == 0 ? Self.limited : number == 1 ? "/delay/30000/1" : "/t/\(number)"
            case .twentyHang: number < 20 ? "/delay/30000/\(number)" : "/t/\(number)"
            }
        }

        var limited: String? { self == .oneHangsOneLimits ? Self.limited : nil }
    }

    private struct Outcome: Sendable {
        var latencies: [Double]
        /// Healthy deliveries that did not come within a second.
        var stalled: Int
        var limitedJobs = 0
        var limitedRequests = 0
        var limitedDead = 0
    }

    func run() async throws {
        var outcomes: [Company: [Outcome]] = [:]
        for _ in 0..<rounds {
            for company in Company.allCases { outcomes[company, default: []].append(try await measure(company)) }
        }
        let base = (outcomes[.healthy] ?? []).map { $0.latencies.quantile(0.99) }.quantile(0.5)
        for company in Company.allCases {
            Report.print(report(company, outcomes[company] ?? [], base: base))
        }
    }

    private func report(_ company: Company, _ outcomes: [Outcome], base: Double) -> JSONObject {
        let p99 = outcomes.map { $0.latencies.quantile(0.99) }.quantile(0.5)
        var report: JSONObject = [
            "scenario": .string("isolation"), "company": .string(company.rawValue), "rounds": .integer(rounds),
            "healthyDeliveries": .integer(outcomes.reduce(0) { $0 + $1.latencies.count }),
            "healthyP50Ms": .rounded(outcomes.map { $0.latencies.quantile(0.5) }.quantile(0.5), 2),
            "healthyP99Ms": .rounded(p99, 2), "toHealthyAlone": .rounded(base > 0 ? p99 / base : 0, 2),
            "overOneSecond": .integer(outcomes.reduce(0) { $0 + $1.stalled }),
        ]
        if company.limited != nil {
            let jobs = outcomes.reduce(0) { $0 + $1.limitedJobs }
            let requests = outcomes.reduce(0) { $0 + $1.limitedRequests }
            report["limitedJobs"] = .integer(jobs)
            report["limitedRefusedPercent"] = .rounded(Double(requests - jobs) / Double(max(requests, 1)) * 100, 1)
            report["limitedDead"] = .integer(outcomes.reduce(0) { $0 + $1.limitedDead })
        }
        return report
    }

    private func measure(_ company: Company) async throws -> Outcome {
        let (seconds, rate) = (seconds, rate)
        return try await Stage.with(stage, keepBodies: true) { stage in
            var ids: [Int64] = []
            for number in 0..<Company.targets { ids.append(try await stage.createTarget(at: company.path(of: number))) }
            // Connections and caches of the healthy ones are warm, and what hangs holds what it can get.
            let warmUp = 3 * rate
            let published = try await Self.publish(stage, ids, plans: warmUp + seconds * rate, rate: rate)
            let healthy = (0..<Company.targets).filter { company.path(of: $0).hasPrefix("/t/") }.count
            let expected = published.count * 10 * healthy / Company.targets
            try await Self.waitForHealthy(stage, expected)
            var outcome = Self.latencies(stage, published, after: warmUp)
            if let path = company.limited {
                let counts = try await Self.settledJobs(stage, of: ids[0])
                outcome.limitedJobs = counts["succeeded", default: 0]
                outcome.limitedDead = counts["failed", default: 0]
                outcome.limitedRequests = stage.receiver.requests(at: path).count
            }
            return outcome
        }
    }

    /// - Returns: When each plan was published, in monotonic nanoseconds, by the id of its content.
    private static func publish(_ stage: Stage, _ ids: [Int64], plans: Int, rate: Int) async throws -> [Int64: Int64] {
        let publisher = stage.connection.makePublisher()
        let clock = ContinuousClock()
        let start = clock.now
        var published: [Int64: Int64] = [:]
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<plans {
                try await clock.sleep(until: start + .microseconds(1_000_000 / rate * number))
                let targets = (0..<10).map { ids[(number * 10 + $0) % ids.count] }
                let message = PlanMessage(targets: targets).message(number: number)
                published[Int64(number + 1)] = Report.monotonicNanoseconds()
                group.addTask {
                    guard await publisher.publish(message) == .confirmed else {
                        throw BenchError("A plan was not confirmed.")
                    }
                }
            }
            try await group.waitForAll()
        }
        return published
    }

    private static func waitForHealthy(_ stage: Stage, _ expected: Int) async throws {
        for _ in 0..<600 {
            if stage.receiver.requests().count(where: { $0.path.hasPrefix("/t/") }) >= expected { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BenchError("The healthy targets did not get everything within 60 s.")
    }

    private static func latencies(_ stage: Stage, _ published: [Int64: Int64], after warmUp: Int) -> Outcome {
        var latencies: [Double] = []
        for request in stage.receiver.requests() where request.path.hasPrefix("/t/") {
            let data = (try? JSON.parse(request.body))?.objectValue?["data"]?.objectValue
            guard let item = data?["contentItemId"]?.integerValue, item > Int64(warmUp), let moment = published[item]
            else { continue }
            latencies.append(Double(request.monotonicNanoseconds - moment) / 1e6)
        }
        return Outcome(latencies: latencies, stalled: latencies.count { $0 > 1_000 })
    }

    /// Waits until nothing of a target is open any more.
    private static func settledJobs(_ stage: Stage, of target: Int64) async throws -> [String: Int] {
        for _ in 0..<120 {
            let counts = try await stage.api.jobs(of: target)
            if counts.allSatisfy({ ["succeeded", "failed"].contains($0.key) }) { return counts }
            try await Task.sleep(for: .seconds(1))
        }
        throw BenchError("The target with a quota did not get everything within two minutes.")
    }
}
