import Distribution
import DistributionTesting
import Logging
import Synchronization
import Testing

@testable import Orchestrator

@Suite("Conservation watch", .timeLimit(.minutes(1)))
struct ConservationWatchTests {
    /// What was logged, as level and metadata.
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])

        var all: [String] { lines.withLock { $0 } }
        var logger: Logger { Logger(label: "watch") { _ in Handler(log: self) } }

        struct Handler: LogHandler {
            let log: Log
            var logLevel = Logger.Level.trace
            var metadata: Logger.Metadata = [:]

            subscript(metadataKey key: String) -> Logger.Metadata.Value? {
                get { metadata[key] }
                set { metadata[key] = newValue }
            }

            func log(event: LogEvent) {
                let code = event.metadata?["code"].map { "\($0)" } ?? "-"
                log.lines.withLock { $0.append("\(event.level) \(code) \(event.metadata?["subjects"] ?? "")") }
            }
        }
    }

    private let world = World(isReconciling: true)
    private let log = Log()

    private func run(_ body: () async throws -> Void) async throws {
        let ports = Ports(
            ledger: world.ledger, broker: world.broker, time: world.time, randomness: world.ports.randomness,
            logger: log.logger)
        let watch = ConservationWatch(ports: ports, settings: world.settings, metrics: world.metrics)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await watch.run() }
            defer { group.cancelAll() }
            await world.time.waitForSleepers()
            try await body()
        }
    }

    private func pass(_ milliseconds: Int64? = nil) async {
        await world.pass(milliseconds ?? world.settings.auditIntervalMilliseconds ?? 0)
        await world.time.waitForSleepers()
    }

    @Test func `a ledger is audited from the start, and only what contradicts itself is told of, each time`()
        async throws
    {
        try await world.addTarget()
        _ = try await world.owe(plans: 3)
        try await run {
            await pass()
            #expect(log.all == [])
            world.ledger.miscount(PlanID(2))
            await pass()
            #expect(log.all == ["error PLAN_COUNTS_WRONG plan 2"])
            await pass()
            #expect(log.all.count == 2)
        }
    }

    @Test func `messages that the broker lacks are told of once nothing moves, and only those`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 2)
        try await world.ledger.confirm(jobs: owed.map { PublishedEpoch(jobID: $0.claim.jobID, epoch: 1) })
        try await world.ledger.confirmEvents(through: .max)
        await world.broker.close(target.queue)
        let message = owed[0].outgoing
        world.broker.inject(message)
        try await run {
            // They are too young to be missed.
            await pass()
            #expect(log.all == [])
            await pass(5_000)
            #expect(log.all == ["error MESSAGES_MISSING target \(target.id): 1 for 2 jobs"])
            world.broker.inject(message)
            await pass()
            await pass(5_000)
            #expect(log.all.count == 1)
            world.broker.purge(target.queue)
            await pass()
            // Something moves between two looks.
            try await world.addTarget()
            await pass(5_000)
            #expect(log.all.count == 1)
        }
    }

    @Test func `a ledger that cannot be read is audited the next time`() async throws {
        try await world.addTarget()
        _ = try await world.owe()
        world.ledger.miscount(PlanID(1))
        world.ledger.failNext(.audit)
        try await run {
            #expect(log.all == ["warning - "])
            await pass()
            #expect(log.all.last == "error PLAN_COUNTS_WRONG plan 1")
        }
    }
}
