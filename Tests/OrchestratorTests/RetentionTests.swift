import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Retention", .timeLimit(.minutes(1)))
struct RetentionTests {
    private static let settings = {
        var settings = OrchestratorSettings()
        settings.retentionIntervalMilliseconds = 1_000
        settings.deadLetterRetentionMilliseconds = 10_000
        settings.retentionMilliseconds = 60_000
        return settings
    }()
    private let world = World(settings: settings, isReconciling: true)

    /// A plan that has failed at one target and been delivered to the other.
    private func endedPlan(in other: World? = nil) async throws -> [OwedJob] {
        let world = other ?? world
        let good = try await world.addTarget()
        let bad = try await world.addTarget(retry: RetryPolicy(schedule: .explicit([])))
        let owed = try await world.owe(to: [good, bad])
        world.receiver.answerNext(bad.id, .rejected(statusCode: 500, retryAfter: nil))
        for job in owed { _ = await world.attempt.run(IncomingJobMessage(job)) }
        let last = world.ledger.inspect { $0.events.last?.place ?? 0 }
        try await world.ledger.confirmEvents(through: last)
        return owed
    }

    @Test func `letters and bytes go first, then the plan; what is open or younger stays`() async throws {
        let owed = try await endedPlan()
        let open = try await world.owe(to: [world.addTarget()])
        let place = world.ledger.inspect { $0.events.last?.place ?? 0 }
        try await world.ledger.confirmEvents(through: place)
        try await world.run([.retention]) {
            await world.pass(9_000)
            await world.time.waitForSleepers()
            #expect(world.ledger.inspect { $0.jobs.allSatisfy { $0.payload != nil } })
            await world.pass(2_000)
            await world.ledger.until { tables in owed.allSatisfy { tables.job($0.claim.jobID)?.payload == nil } }
            await world.time.waitForSleepers()
            #expect(world.ledger.inspect { $0.job(owed[1].claim.jobID)?.isPurged } == true)
            #expect(world.ledger.inspect { $0.job(open[0].claim.jobID)?.payload } != nil)
            #expect(world.ledger.inspect { $0.plans.count } == 2)
            await world.pass(60_000)
            await world.ledger.until { $0.plans.count == 1 && $0.removals.isEmpty }
        }
        #expect(world.ledger.inspect { $0.jobs.map(\.job.id) } == open.map(\.claim.jobID))
    }

    @Test func `a ledger in trouble is told of once, and what is old goes once it is well`() async throws {
        let log = RecordedLog()
        let world = World(settings: Self.settings, isReconciling: true, logger: log.logger)
        _ = try await endedPlan(in: world)
        try await world.run([.retention, .gate]) {
            await world.time.waitForSleepers()
            world.ledger.becomeUnavailable()
            // Its own sleeper and, once it has found out, that of who tries the ledger out.
            await world.pass(100_000)
            for _ in 0..<5 { await world.pass(40_000, sleepers: 2) }
            world.ledger.recover()
            while world.ledger.inspect({ !$0.plans.isEmpty }) {
                if !world.time.advanceToNextSleeper() { await Task.yield() }
            }
        }
        #expect(log.count(of: "The ledger cannot be written") == 1)
        #expect(log.count(of: "What is old could not be removed.") == 0)
    }

    @Test func `at the ledger's limit what is old goes all the same, which makes room`() async throws {
        _ = try await endedPlan()
        try await world.run([.retention]) {
            await world.time.waitForSleepers()
            world.ledger.failNext(.retention, obstacle: .atLimit)
            await world.pass(100_000)
            while world.ledger.inspect({ !$0.plans.isEmpty }) {
                if !world.time.advanceToNextSleeper() { await Task.yield() }
            }
            #expect(world.gate.failure?.obstacle == .atLimit, "nobody has tried it out")
        }
    }

    @Test func `a step that takes long is followed by smaller ones, and grows again`() {
        #expect(Retention.size(after: 100, held: 15) == 50)
        #expect(Retention.size(after: 1, held: 40) == 1)
        #expect(Retention.size(after: 100, held: 10) == 100)
        #expect(Retention.size(after: 100, held: 0) == 125)
        #expect(Retention.size(after: 1, held: 0) == 2)
        #expect(Retention.size(after: 190, held: 0) == 200)
    }
}
