import AMQP
import ArgumentParser
import Distribution
import Foundation
import LocalBroker
import LocalReceiver

/// How soon deliveries go on after the broker was away, with work waiting.
struct Resumption: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: """
            Outages of the broker: from its taking connections again to the first delivery of every target, and nothing \
            lost.
            """)

    @OptionGroup var stage: StageOptions
    @Option(help: "Outages of each kind.") var rounds = 5
    @Option(help: "Targets, each of which takes two deliveries at a time.") var targets = 4
    @Option(help: "Plans for each outage, to every target.") var plans = 400

    /// What befalls the broker.
    private enum Outage: String, CaseIterable {
        case killed = "SIGKILL and restart"
        /// RabbitMQ 3.10 may lose the leader of a queue that was declared in the second before a kill.
        case killedAtOnce = "SIGKILL and restart, targets a moment old"
        case stopped = "stop_app and start_app"
        case closed = "close_all_connections"

        /// Lets it happen; returns when the broker is there again.
        func happen(to broker: PrivateBroker) async throws {
            switch self {
            case .killed, .killedAtOnce:
                await broker.kill()
                try await broker.restart()
            case .stopped:
                try await broker.rabbitmqctl(["stop_app"])
                try await broker.rabbitmqctl(["start_app"])
            case .closed:
                try await broker.rabbitmqctl(["close_all_connections", "an operator says so"])
            }
        }
    }

    private struct Round: Sendable {
        let resumedMs: Double
        let lost: Int
        let repeated: Int
    }

    func run() async throws {
        let (rounds, count, plans) = (rounds, targets, plans)
        for outage in Outage.allCases {
            let measured = try await Stage.with(stage) { stage in
                var ids: [Int64] = []
                var measured: [Round] = []
                for round in 0..<rounds {
                    if ids.isEmpty || outage == .killedAtOnce {
                        ids = try await Self.createTargets(count, from: round * count, stage)
                        if outage != .killedAtOnce { try await Task.sleep(for: .seconds(3)) }
                    }
                    measured.append(
                        try await Self.measure(outage, stage, ids, plans: round * plans..<(round + 1) * plans))
                }
                return measured
            }
            let resumed = measured.map(\.resumedMs)
            Report.print(
                JSONObject([
                    ("scenario", .string("resumption")), ("outage", .string(outage.rawValue)),
                    ("rounds", .integer(rounds)), ("targets", .integer(count)),
                    ("jobs", .integer(rounds * plans * count)), ("resumedP50Ms", .rounded(resumed.quantile(0.5), 0)),
                    ("resumedMaxMs", .rounded(resumed.max() ?? 0, 0)),
                    ("lost", .integer(measured.reduce(0) { $0 + $1.lost })),
                    ("repeated", .integer(measured.reduce(0) { $0 + $1.repeated })),
                ]))
        }
    }

    private static func createTargets(_ count: Int, from first: Int, _ stage: Stage) async throws -> [Int64] {
        var ids: [Int64] = []
        for number in first..<first + count {
            ids.append(try await stage.createTarget(at: "/delay/20/\(number)", maxInFlight: 2))
        }
        return ids
    }

    private static func measure(
        _ outage: Outage, _ stage: Stage, _ targets: [Int64], plans: Range<Int>
    ) async throws -> Round {
        let before = stage.receiver.requests().count
        try await publish(stage, plans.map { PlanMessage(targets: targets).message(number: $0) })
        let expected = plans.count * targets.count
        await stage.receiver.waitForRequests(before + expected / 10)
        let back = try await away(outage, stage)
        try await waitForAll(stage, from: before, expected)
        let requests = Array(stage.receiver.requests().dropFirst(before))
        let distinct = Set(requests.map { "\($0.path) \($0.deliveryID ?? "")" }).count
        let resumed = Dictionary(grouping: requests, by: \.path).values.map { requests in
            resumption(of: requests.map(\.monotonicNanoseconds), after: back)
        }
        return Round(
            resumedMs: resumed.max() ?? 0, lost: expected - distinct, repeated: requests.count - distinct)
    }

    /// Lets the outage happen.
    ///
    /// - Returns: When the broker took connections again, or where it never stopped to, when it closed the present ones.
    private static func away(_ outage: Outage, _ stage: Stage) async throws -> Int64 {
        let url = try ConnectionConfiguration(url: stage.broker.amqpURL)
        async let happening: Void = outage.happen(to: stage.broker)
        for await state in stage.connection.states() {
            if case .connecting = state { break }
        }
        let closed = Report.monotonicNanoseconds()
        guard outage != .closed else {
            try await happening
            return closed
        }
        while PortProbe.isOpen(url.port) { try await Task.sleep(for: .milliseconds(2)) }
        while !PortProbe.isOpen(url.port) { try await Task.sleep(for: .milliseconds(5)) }
        let open = Report.monotonicNanoseconds()
        try await happening
        return open
    }

    /// Milliseconds from a moment to the delivery that ends a target's longest silence after it.
    private static func resumption(of moments: [Int64], after back: Int64) -> Double {
        var longest: (length: Int64, end: Int64) = (0, back)
        var last = back
        for moment in moments.sorted() where moment > back {
            if moment - last > longest.length { longest = (moment - last, moment) }
            last = moment
        }
        return Double(longest.end - back) / 1e6
    }

    private static func publish(_ stage: Stage, _ messages: [OutgoingMessage]) async throws {
        let publisher = stage.connection.makePublisher()
        var missing = messages
        while !missing.isEmpty {
            _ = await stage.connection.waitUntilConnected()
            let results = await publisher.publish(missing)
            missing = zip(missing, results).filter { $1 != .confirmed }.map(\.0)
        }
    }

    private static func waitForAll(_ stage: Stage, from before: Int, _ expected: Int) async throws {
        for _ in 0..<600 {
            let ids = Set(
                stage.receiver.requests().dropFirst(before).map { "\($0.path) \($0.deliveryID ?? "")" })
            if ids.count >= expected { return }
            try await Task.sleep(for: .milliseconds(100))
        }
    }
}
