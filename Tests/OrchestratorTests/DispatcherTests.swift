import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Dispatcher", .timeLimit(.minutes(1)))
struct DispatcherTests {
    private func publish(_ jobs: [OwedJob], _ world: World) async {
        _ = await world.broker.publish(jobs: jobs.map(\.outgoing))
    }

    @Test func `no more attempts are in flight than the global limit allows`() async throws {
        let world = World(settings: OrchestratorSettings(concurrency: 3))
        let target = try await world.addTarget(maxInFlight: 50, isOpen: true)
        let owed = try await world.owe(plans: 12)
        world.receiver.hold(target.id)
        await publish(owed, world)
        try await world.run([.dispatcher]) {
            await world.receiver.until { $0.count(target.id) == 3 }
            #expect(world.broker.record.settled.isEmpty)
            world.receiver.release(target.id)
            await world.broker.until { $0.acknowledged(.jobs).count == 12 }
        }
        #expect(world.receiver.seen.mostInFlightOfAll == 3)
        #expect(world.receiver.seen.deliveries.map(\.attempt.deliveryID).count == 12)
        #expect(Set(world.receiver.seen.deliveries.map(\.attempt.deliveryID)).count == 12)
    }

    @Test func `no more attempts are in flight than a target's own limit allows`() async throws {
        let world = World()
        let narrow = try await world.addTarget(maxInFlight: 1, isOpen: true)
        let wide = try await world.addTarget(maxInFlight: 5, isOpen: true)
        let owed = try await world.owe(plans: 8)
        await publish(owed, world)
        try await world.run([.dispatcher]) {
            await world.broker.until { $0.acknowledged(.jobs).count == 16 }
        }
        #expect(world.receiver.seen.mostInFlight[narrow.id] == 1)
        #expect((1...5).contains(world.receiver.seen.mostInFlight[wide.id] ?? 0))
    }

    @Test func `a target that does not answer leaves slots to the others`() async throws {
        let world = World(settings: OrchestratorSettings(concurrency: 4))
        let slow = try await world.addTarget(maxInFlight: 50, isOpen: true)
        let quick = try await world.addTarget(maxInFlight: 50, isOpen: true)
        let owed = try await world.owe(plans: 20)
        world.receiver.hold(slow.id)
        await publish(owed, world)
        try await world.run([.dispatcher]) {
            await world.receiver.until { $0.count(quick.id) == 20 }
            #expect(world.receiver.seen.count(slow.id) <= 3)
            world.receiver.release(slow.id)
            await world.broker.until { $0.acknowledged(.jobs).count == 40 }
        }
    }

    @Test func `a copy of a job in flight is held, acked after the outcome, and never attempted`() async throws {
        let world = World()
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id)
        await publish([owed, owed], world)
        try await world.run([.dispatcher]) {
            await world.receiver.until { $0.count(target.id) == 1 }
            world.broker.inject(owed.outgoing)
            #expect(world.broker.record.queues[target.queue]?.inHand == 3)
            #expect(world.broker.record.settled.isEmpty)
            world.receiver.release(target.id)
            await world.broker.until { $0.acknowledged(.jobs).count == 3 }
        }
        #expect(world.receiver.seen.count(target.id) == 1)
        #expect(world.broker.record.givenBack(.jobs).isEmpty)
        #expect(world.ledger.inspect { $0.jobs[0].attempts.count } == 1)
    }

    @Test func `a copy of a job that failed is stale by its epoch`() async throws {
        let world = World()
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
        await publish([owed, owed], world)
        try await world.run([.dispatcher, .releaser]) {
            await world.broker.until { $0.acknowledged(.jobs).count == 2 }
            await world.ledger.until { $0.jobs[0].job.publishedEpoch == 2 }
            #expect(world.receiver.seen.count(target.id) == 1)
            world.broker.advance(by: 5_000)
            await world.broker.until { $0.acknowledged(.jobs).count == 3 }
        }
        #expect(world.receiver.seen.count(target.id) == 2)
        #expect(try world.job(owed).status == .succeeded)
    }

    @Test func `a message is acked only once its outcome is committed`() async throws {
        let world = World()
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.ledger.failNext(.record)
        await publish([owed], world)
        try await world.run([.dispatcher]) {
            await world.receiver.until { $0.count(target.id) == 1 }
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            await world.pass(5_000)
            await world.broker.until { $0.acknowledged(.jobs).count == 1 }
        }
        #expect(world.receiver.seen.count(target.id) == 1)
    }

    @Test func `a lost connection while an attempt is under way repeats nothing`() async throws {
        let world = World()
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id)
        await publish([owed], world)
        try await world.run([.dispatcher]) {
            await world.receiver.until { $0.count(target.id) == 1 }
            world.broker.disconnect()
            world.broker.connect()
            world.receiver.release(target.id)
            await world.broker.until { $0.acknowledged(.jobs).count == 1 }
        }
        #expect(world.receiver.seen.count(target.id) == 1)
        #expect(world.broker.record.queues[target.queue]?.ready.isEmpty == true)
    }

    @Test func `a target that is gone is closed, and what waits for it goes back to its queue`() async throws {
        let world = World(settings: OrchestratorSettings(concurrency: 1))
        let target = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 4)
        world.receiver.answerNext(target.id, .rejected(statusCode: 410, retryAfter: nil))
        await publish(owed, world)
        try await world.run([.dispatcher, .releaser, .queues]) {
            await world.broker.until { $0.settled.count >= 4 }
            #expect(world.broker.record.acknowledged(.jobs).map(\.claim?.jobID) == [owed[0].claim.jobID])
            let queue = try #require(world.broker.record.queues[target.queue])
            #expect(queue.ready.compactMap { try? $0.claim.get().jobID } == owed.dropFirst().map(\.claim.jobID))
            #expect((queue.prefetch, queue.inHand) == (nil, 0))
            #expect(world.receiver.seen.count(target.id) == 1)

            _ = try await world.useCases.enableTarget(target.id, domainID: World.domain)
            await world.ledger.until { $0.plans.allSatisfy { $0.plan.status == .succeeded } }
        }
        #expect(world.receiver.seen.count(target.id) == 5)
    }

    @Test func `malformed messages are put into quarantine and hold no slot`() async throws {
        let world = World(settings: OrchestratorSettings(concurrency: 1))
        let target = try await world.addTarget(isOpen: true)
        let owed = try await world.owe()
        let error = DeliveryError(code: .jobMismatch, message: "x-job-id is missing.")
        for _ in 0..<3 { world.broker.inject(malformed: error, into: target.queue) }
        await publish(owed, world)
        try await world.run([.dispatcher]) {
            await world.broker.until { $0.acknowledged(.jobs).count == 4 }
        }
        #expect(world.broker.record.quarantined == [error, error, error])
        #expect(try world.job(owed[0]).status == .succeeded)
    }
}
