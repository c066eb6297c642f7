import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Attempts that need not wait", .timeLimit(.minutes(1)))
struct PromptAttemptTests {
    private let world = World()

    /// A target whose queue is consumed.
    private func consumedTarget(_ world: World) async throws -> Target {
        let target = try await world.addTarget()
        world.queues.targetChanged(target.id)
        return target
    }

    private func submit(_ key: String, to target: Target, in world: World) async throws {
        let request = Sample.planRequest(
            idempotencyKey: key,
            selection: .targets([PlanRequest.TargetReference(id: target.id, transform: nil)]))
        _ = try await world.submission.submit(request, userID: nil, from: .caller)
    }

    @Test func `a job of an idle target is attempted without its message`() async throws {
        let target = try await consumedTarget(world)
        world.receiver.hold(target.id)
        try await world.run([.dispatcher, .queues, .releaser]) {
            await queueIsConsumed(target)
            try await submit("one", to: target, in: world)
            await world.receiver.until { $0.count(target.id) == 1 }
            world.releaser.sweepLedger()
            // It leaves behind the sweep.
            let other = try await world.owe(to: [world.addTarget()])
            world.releaser.sweepLedger()
            await world.broker.until { $0.jobs.map(\.claim.jobID) == other.map(\.claim.jobID) }
            world.receiver.release(target.id)
            await world.ledger.until { $0.jobs[0].job.status == .succeeded }
        }
        #expect(world.receiver.seen.count(target.id) == 1)
        #expect(world.broker.record.jobs.count == 1)
        #expect(world.ledger.inspect { $0.job(JobID(1))?.job.publishedEpoch } == 1)
    }

    @Test func `a copy that comes meanwhile waits for the outcome`() async throws {
        let target = try await consumedTarget(world)
        world.receiver.hold(target.id)
        try await world.run([.dispatcher, .queues]) {
            await queueIsConsumed(target)
            try await submit("one", to: target, in: world)
            await world.receiver.until { $0.count(target.id) == 1 }
            let job = try #require(world.ledger.inspect { $0.jobs.compactMap(\.owed) }.first)
            _ = await world.broker.publish(jobs: [job.outgoing])
            #expect(world.broker.record.settled.isEmpty)
            world.receiver.release(target.id)
            await world.broker.until { $0.acknowledged(.jobs).count == 1 }
        }
        #expect(world.receiver.seen.count(target.id) == 1)
        #expect(world.broker.record.givenBack(.jobs).isEmpty)
        #expect(world.ledger.inspect { $0.jobs.map(\.job.status) } == [.succeeded])
    }

    @Test func `a retry of it is published as any other`() async throws {
        let target = try await consumedTarget(world)
        world.receiver.answerNext(
            target.id, .failed(code: .httpStatus, message: "HTTP 503", certainty: .rejected))
        try await world.run([.dispatcher, .queues, .releaser]) {
            await queueIsConsumed(target)
            try await submit("one", to: target, in: world)
            await world.broker.until { $0.jobs.map(\.claim.epoch) == [2] }
        }
        #expect(world.ledger.inspect { $0.jobs.map(\.job.status) } == [.retrying])
    }

    @Test func `nothing overtakes what its target has in hand`() async throws {
        let target = try await consumedTarget(world)
        world.receiver.hold(target.id)
        try await world.run([.dispatcher, .queues]) {
            await queueIsConsumed(target)
            try await submit("first", to: target, in: world)
            try await submit("second", to: target, in: world)
            await world.receiver.until { $0.count(target.id) == 1 }
            #expect(world.ledger.inspect { $0.jobs.map(\.job.status) } == [.running, .queued])
            world.receiver.release(target.id)
            await world.ledger.until { $0.jobs[0].job.status == .succeeded }
        }
        #expect(world.receiver.seen.count(target.id) == 1)
    }

    @Test func `a target that is paused, or whose queue is not consumed, is left alone`() async throws {
        let paused = try await consumedTarget(world)
        try await world.run([.dispatcher, .queues]) {
            await queueIsConsumed(paused)
            // Nobody says that it is there, so nobody opens its queue.
            let closed = try await world.addTarget()
            let change = TargetChange(
                rest: .paused(TargetPause(until: nil, reason: "by hand")), changedAt: world.time.now())
            world.directory.put(try #require(try await world.ledger.updateTarget(paused.id, change)))
            try await submit("paused", to: paused, in: world)
            try await submit("closed", to: closed, in: world)
            // One that may start, so that the others had their turn before.
            let open = try await consumedTarget(world)
            await queueIsConsumed(open)
            try await submit("open", to: open, in: world)
            await world.receiver.until { $0.count(open.id) == 1 }
        }
        #expect(world.receiver.seen.deliveries.count == 1)
        #expect(world.ledger.inspect { $0.jobs.map(\.job.status) }.prefix(2) == [.queued, .queued])
    }

    @Test func `above half of the limit targets take turns`() async throws {
        let world = World(settings: OrchestratorSettings(concurrency: 4))
        var targets: [Target] = []
        for _ in 0..<4 { targets.append(try await consumedTarget(world)) }
        for target in targets { world.receiver.hold(target.id) }
        try await world.run([.dispatcher, .queues]) {
            for target in targets { await queueIsConsumed(target, in: world) }
            _ = try await world.submission.submit(Sample.planRequest(selection: .all), userID: nil, from: .caller)
            await world.receiver.until { $0.deliveries.count == 2 }
            #expect(world.ledger.inspect { $0.jobs.count { $0.job.status == .running } } == 2)
        }
    }

    @Test func `a plan that is known already takes no slot`() async throws {
        let target = try await consumedTarget(world)
        try await world.run([.dispatcher, .queues]) {
            await queueIsConsumed(target)
            try await submit("one", to: target, in: world)
            await world.ledger.until { $0.jobs[0].job.status == .succeeded }
            for _ in 0..<100 { try await submit("one", to: target, in: world) }
            try await submit("two", to: target, in: world)
            await world.ledger.until { $0.jobs.count == 2 && $0.jobs[1].job.status == .succeeded }
        }
        #expect(world.receiver.seen.count(target.id) == 2)
    }

    @Test func `an attempt that was opened right before the end is made`() async throws {
        let target = try await consumedTarget(world)
        try await world.run([.queues]) {
            await queueIsConsumed(target)
            // Nobody reads the dispatcher's inputs yet: the attempt is opened before the stream of messages has ended.
            try await submit("one", to: target, in: world)
            await world.broker.stopConsuming()
            await world.dispatcher.run()
        }
        #expect(world.receiver.seen.count(target.id) == 1)
        #expect(world.ledger.inspect { $0.jobs.map(\.job.status) } == [.succeeded])
    }

    @Test func `an attempt that was opened after the end is given back, and its job published`() async throws {
        let target = try await consumedTarget(world)
        try await world.run([.queues, .releaser]) {
            await queueIsConsumed(target)
            let reserved = world.dispatcher.reserve([target.id])
            #expect(reserved == [target.id])
            async let stopped: Void = world.dispatcher.run()
            await world.broker.stopConsuming()
            // The drain has begun once its deadline is set: it waits for the slot that is reserved.
            await world.time.waitForSleepers()
            #expect(world.dispatcher.reserve([target.id]).isEmpty)
            let owed = try #require(try await world.owe(to: [target], startsAtOnce: true).first)
            let grant = AttemptGrant(
                attemptID: AttemptID(1), claim: owed.claim, number: 1, scheduleStep: 0, maxAttempts: 3,
                startedAt: world.time.now())
            await world.dispatcher.start([PromptAttempt(grant: grant, job: owed)])
            await stopped
            await world.broker.until { $0.jobs.map(\.claim) == [owed.claim] }
        }
        #expect(world.receiver.seen.deliveries.isEmpty)
        #expect(world.ledger.inspect { $0.jobs.map(\.job.status) } == [.queued])
        #expect(world.ledger.inspect { $0.jobs[0].attempts.isEmpty })
    }

    private func queueIsConsumed(_ target: Target, in other: World? = nil) async {
        let world = other ?? world
        await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
        while world.queues.consumedQueue(of: target.id) == nil, !Task.isCancelled { await Task.yield() }
    }
}
