import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Reconciler", .timeLimit(.minutes(1)))
struct ReconcilerTests {
    private static let interval: Int64 = 300_000
    private static let confirmation: Int64 = 60_000

    private let world = World(isReconciling: true)

    private func reconciler(_ held: TargetID? = nil) -> Reconciler {
        let (queues, ports) = (world.queues, world.ports)
        return Reconciler(
            ports: ports, releaser: world.releaser, settings: world.settings, metrics: world.metrics,
            consumedQueue: { queues.consumedQueue(of: $0) }, consumedQueues: { queues.consumedQueues },
            hasInHand: { $0 == held })
    }

    /// Runs the reconciler, and what keeps queues open and publishes, beside the body.
    private func run(held: TargetID? = nil, _ body: () async throws -> Void) async throws {
        let reconciler = reconciler(held)
        try await world.run([.queues, .releaser]) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for target in world.directory.all() where target.isActive {
                    await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
                }
                group.addTask { await reconciler.run() }
                defer { group.cancelAll() }
                try await body()
            }
        }
    }

    /// A job whose message was confirmed, and which no queue holds.
    private func loseJob(of targets: [Target]? = nil) async throws -> OwedJob {
        let owed = try #require(try await world.owe(to: targets).first)
        try await world.ledger.confirm(jobs: [PublishedEpoch(jobID: owed.claim.jobID, epoch: 1)])
        return owed
    }

    /// Two intervals: long enough that the job is overdue, and looked for.
    private func passUntilOverdue() async {
        await world.pass(Self.interval)
        await world.pass(Self.interval)
    }

    @Test func `a job that is overdue while its queue reads empty twice is handed out again`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        try await run {
            await world.pass(Self.interval)
            await world.time.waitForSleepers()
            // Due for 5 minutes only: nobody has looked into its queue.
            #expect(world.broker.record.soundings.isEmpty)
            await world.pass(Self.interval)
            await world.time.waitForSleepers()
            #expect(world.broker.record.soundings == [target.id])
            let epoch = try world.job(owed).epoch
            #expect(epoch == 1)
            await world.pass(Self.confirmation)
            await world.broker.until { $0.jobs.count == 1 }
            await world.ledger.until { $0.jobs[0].job.publishedEpoch == 2 }
        }
        #expect(world.broker.record.soundings == [target.id, target.id])
        #expect(world.broker.record.jobs.map(\.claim.epoch) == [2])
        // The broker may keep for itself what it seems to have delivered.
        #expect(world.broker.record.reopenings == [target.id])
    }

    @Test func `a queue whose broker delivers nothing of what waits in it is consumed anew`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        try await run {
            world.broker.deafen(target.queue)
            world.broker.inject(owed.outgoing)
            // Due for 5 minutes only, and not missed yet.
            await world.pass(Self.interval)
            await world.time.waitForSleepers()
            #expect(world.broker.record.queues[target.queue]?.ready.count == 1)
            #expect(world.broker.record.reopenings.isEmpty)
            await world.pass(Self.confirmation)
            await world.broker.until { $0.queues[target.queue]?.inHand == 1 }
        }
        #expect(world.broker.record.reopenings == [target.id])
        // It was there all the time.
        #expect(try world.job(owed).epoch == 1)
    }

    @Test func `one that is empty at one look and holds something at the next is left alone`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        try await run {
            await passUntilOverdue()
            await world.time.waitForSleepers()
            world.broker.deafen(target.queue)
            world.broker.inject(owed.outgoing)
            await world.pass(Self.confirmation)
            await world.time.waitForSleepers()
        }
        #expect(world.broker.record.soundings == [target.id, target.id])
        #expect(world.broker.record.reopenings.isEmpty)
        #expect(try world.job(owed).epoch == 1)
    }

    @Test func `it is handed out once, and again only when it has been overdue anew`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        try await run {
            await passUntilOverdue()
            await world.pass(Self.confirmation)
            await world.ledger.until { $0.jobs[0].job.publishedEpoch == 2 }
            world.broker.purge(target.queue)
            await world.pass(Self.interval)
            await world.time.waitForSleepers()
            let epoch = try world.job(owed).epoch
            #expect(epoch == 2)
            #expect(world.broker.record.soundings.count == 2)
            await world.pass(Self.interval)
            await world.pass(Self.confirmation)
            await world.ledger.until { $0.jobs[0].job.publishedEpoch == 3 }
        }
    }

    /// Expects that nothing becomes of a job, however long it has been overdue.
    private func expectLeftAlone(held: TargetID? = nil, _ owed: OwedJob) async throws {
        try await run(held: held) {
            await passUntilOverdue()
            for _ in 0..<3 { await world.pass(Self.interval) }
            await world.time.waitForSleepers()
        }
        #expect(try world.job(owed).epoch == 1)
    }

    @Test func `one whose queue holds messages is left alone`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        try await world.broker.open(target.queue, prefetch: 1)
        // More than its consumer takes in hand, so that some wait.
        for _ in 0..<40 { world.broker.inject(owed.outgoing) }
        try await expectLeftAlone(owed)
    }

    @Test func `one whose target has something in hand is left alone`() async throws {
        let target = try await world.addTarget(isOpen: true)
        try await expectLeftAlone(held: target.id, try await loseJob())
    }

    @Test func `one of a disabled target is left alone`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        try await world.disable(target.id)
        try await expectLeftAlone(owed)
        #expect(world.broker.record.soundings.isEmpty)
    }

    @Test func `one that is not due is left alone`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        let digest = try #require(try world.job(owed).payloadDigest)
        let decision = try await world.ledger.begin(
            AttemptRequest(
                claim: owed.claim, payloadDigest: digest, isRedelivered: false, startedAt: world.time.now()))
        guard case .start(let grant) = decision else { throw ScenarioFailure("the attempt got \(decision)") }
        let day = world.time.now().adding(milliseconds: 86_400_000)
        _ = try await world.ledger.record(LedgerScenario.report(grant, .retry(at: day, LedgerScenario.error)))
        try await world.ledger.confirm(jobs: [PublishedEpoch(jobID: owed.claim.jobID, epoch: 2)])
        try await run {
            for _ in 0..<4 { await world.pass(Self.interval) }
            await world.time.waitForSleepers()
        }
        #expect(try world.job(owed).epoch == 2)
        #expect(!world.broker.record.soundings.contains(target.id))
    }

    @Test func `a queue that cannot be looked into, or has lost its consumer, tells nothing`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        try await run {
            await world.broker.close(target.queue)
            await passUntilOverdue()
            await world.time.waitForSleepers()
            #expect(world.broker.record.soundings.count == 1)
            world.broker.lose(target.queue)
            await world.pass(Self.interval)
            await world.time.waitForSleepers()
            #expect(world.broker.record.soundings.count == 2)
            world.broker.disconnect()
            await world.pass(Self.interval)
            await world.time.waitForSleepers()
            #expect(world.broker.record.soundings.count == 3)
        }
        #expect(try world.job(owed).epoch == 1)
    }

    @Test func `a ledger that cannot be read or written is tried again`() async throws {
        try await world.addTarget(isOpen: true)
        let owed = try await loseJob()
        world.ledger.failNext(.audit, times: 2)
        try await run {
            await passUntilOverdue()
            await world.time.waitForSleepers()
            #expect(world.broker.record.soundings.isEmpty)
            world.ledger.failNext(.reissue)
            await world.pass(Self.interval)
            await world.pass(Self.confirmation)
            await world.time.waitForSleepers()
            let epoch = try world.job(owed).epoch
            #expect(epoch == 1)
            await world.pass(Self.interval)
            await world.pass(Self.confirmation)
            await world.ledger.until { $0.jobs[0].job.publishedEpoch == 2 }
        }
    }
}
