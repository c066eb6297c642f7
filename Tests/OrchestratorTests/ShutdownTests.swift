import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Shutdown of the dispatcher", .timeLimit(.minutes(1)))
struct ShutdownTests {
    private let world = World(settings: OrchestratorSettings(concurrency: 1, drainMilliseconds: 10_000))

    @Test func `what waits goes back, and what is in flight ends`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 3)
        world.receiver.hold(target.id)
        _ = await world.broker.publish(jobs: owed.map(\.outgoing))
        async let stopped: Void = world.dispatcher.run()
        await world.receiver.until { $0.count(target.id) == 1 }
        await world.broker.stopConsuming()
        await world.broker.until { $0.givenBack(.jobs).count == 2 }
        #expect(world.broker.record.acknowledged(.jobs).isEmpty)
        world.receiver.release(target.id)
        await stopped
        #expect(world.broker.record.acknowledged(.jobs).map(\.claim) == [owed[0].claim])
        let ready = world.broker.record.queues[target.queue]?.ready.compactMap { try? $0.claim.get() }
        #expect(Set(ready ?? []) == Set(owed.dropFirst().map(\.claim)))
        #expect(try owed.map { try world.job($0).status } == [.succeeded, .queued, .queued])
    }

    @Test func `copies of what is in flight are settled too`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id)
        _ = await world.broker.publish(jobs: [owed.outgoing, owed.outgoing])
        async let stopped: Void = world.dispatcher.run()
        await world.receiver.until { $0.count(target.id) == 1 }
        await world.broker.stopConsuming()
        // The drain has begun once its deadline is set.
        await world.time.waitForSleepers()
        world.receiver.release(target.id)
        await stopped
        #expect(world.broker.record.settled.count == 2)
        #expect(world.broker.record.queues[target.queue]?.inHand == 0)
        #expect(world.receiver.seen.count(target.id) == 1)
    }

    @Test func `an attempt that outlives the drain is stopped and given back where nothing was sent`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id, certaintyOnceStopped: .unsent)
        _ = await world.broker.publish(jobs: [owed.outgoing])
        async let stopped: Void = world.dispatcher.run()
        await world.receiver.until { $0.count(target.id) == 1 }
        await world.broker.stopConsuming()
        await world.time.waitForSleepers()
        #expect(world.broker.record.settled.isEmpty)
        await world.pass(10_000)
        await stopped
        #expect(world.broker.record.settled.map(\.isAcknowledged) == [false])
        let job = try world.job(owed)
        #expect((job.status, job.attempt, job.epoch) == (.queued, 0, 1))
    }

    @Test func `an attempt that may have arrived is recorded before the end`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id, certaintyOnceStopped: .ambiguous)
        _ = await world.broker.publish(jobs: [owed.outgoing])
        async let stopped: Void = world.dispatcher.run()
        await world.receiver.until { $0.count(target.id) == 1 }
        await world.broker.stopConsuming()
        await world.pass(10_000)
        await stopped
        #expect(world.broker.record.settled.map(\.isAcknowledged) == [true])
        #expect(world.ledger.inspect { $0.jobs[0].attempts.map(\.attempt.certainty) } == [.ambiguous])
        #expect(try world.job(owed).status == .retrying)
    }

    @Test func `an outcome that cannot be written at the end leaves its message in the queue`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id)
        _ = await world.broker.publish(jobs: [owed.outgoing])
        async let stopped: Void = world.dispatcher.run()
        await world.receiver.until { $0.count(target.id) == 1 }
        world.ledger.becomeUnavailable()
        world.receiver.release(target.id)
        await world.time.waitForSleepers()
        await world.broker.stopConsuming()
        // The write that is tried again, and the drain.
        await world.pass(10_000, sleepers: 2)
        await stopped
        #expect(world.broker.record.settled.map(\.isAcknowledged) == [false])
        #expect(world.broker.record.queues[target.queue]?.ready.count == 1)
    }
}
