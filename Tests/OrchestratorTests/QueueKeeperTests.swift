import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Queue keeper", .timeLimit(.minutes(1)))
struct QueueKeeperTests {
    private let world = World()

    /// Runs the parts, and the body once the keeper has begun: a target that comes then is a new one.
    private func runToCreate(_ parts: Set<World.Part>, _ body: () async throws -> Void) async throws {
        let first = try await world.addTarget(isOpen: true)
        try await world.run(parts) {
            await world.broker.until { $0.queues[first.queue]?.prefetch == 16 }
            try await body()
        }
    }

    @Test func `every active target's queue is opened at the start, with a prefetch below its limit`() async throws {
        let narrow = try await world.addTarget(maxInFlight: 4)
        let wide = try await world.addTarget(maxInFlight: 500)
        let disabled = try await world.addTarget()
        try await world.disable(disabled.id)
        try await world.run([.queues]) {
            await world.broker.until { $0.queues.byKey.values.count { $0.prefetch != nil } == 2 }
            await world.broker.until { $0.queues[disabled.queue] != nil }
        }
        #expect(world.broker.record.queues[disabled.queue]?.prefetch == nil)
        #expect(world.broker.record.queues[narrow.queue]?.prefetch == 4)
        #expect(world.broker.record.queues[wide.queue]?.prefetch == 16)
        #expect(Set(world.broker.record.openings) == [narrow.id, wide.id])
    }

    @Test func `the queue that an earlier process left behind of a deleted target is removed`() async throws {
        let target = try await world.addTarget(isOpen: true)
        await world.broker.close(target.queue)
        _ = try await world.ledger.deleteTarget(target.id)
        world.directory.remove(target.id)
        try await world.run([.queues]) {
            world.queues.inherit(try await world.ledger.queuesOfDeletedTargets(since: Sample.now))
            await world.broker.until { $0.queues[target.queue] == nil }
        }
    }

    @Test func `a created target's queue is opened, and a changed limit is followed`() async throws {
        try await world.run([.queues]) {
            let target = try await world.addTarget(maxInFlight: 4)
            world.queues.targetChanged(target.id)
            await world.broker.until { $0.queues[target.queue]?.prefetch == 4 }
            let change = TargetChange(delivery: DeliverySettings(maxInFlight: 2), changedAt: Sample.now)
            world.directory.put(try #require(try await world.ledger.updateTarget(target.id, change)))
            world.queues.targetChanged(target.id)
            await world.broker.until { $0.queues[target.queue]?.prefetch == 2 }
            // A change that does not concern the queue asks nothing of the broker.
            world.queues.targetChanged(target.id)
            let other = try await world.addTarget()
            world.queues.targetChanged(other.id)
            await world.broker.until { $0.openings.contains(other.id) }
            #expect(world.broker.record.openings == [target.id, target.id, other.id])
        }
    }

    @Test func `a queue that is refused is tried again and delays no other`() async throws {
        let refused = try await world.addTarget()
        world.broker.refuseQueues(of: [refused.id])
        try await world.run([.queues]) {
            await world.time.waitForSleepers()
            let other = try await world.addTarget()
            world.queues.targetChanged(other.id)
            await world.broker.until { $0.queues[other.queue] != nil }
            #expect(world.broker.record.queues[refused.queue] == nil)
            await world.pass(200)
            await world.time.waitForSleepers()
            #expect(world.broker.record.openings == [refused.id, other.id, refused.id])
            world.broker.refuseQueues(of: [])
            await world.pass(400)
            await world.broker.until { $0.queues[refused.queue] != nil }
        }
    }

    @Test func `a disabled target's queue is closed with its messages, and opened again`() async throws {
        let target = try await world.addTarget()
        try await world.run([.queues, .releaser]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            try await world.disable(target.id)
            world.queues.targetChanged(target.id)
            await world.broker.until { $0.queues[target.queue]?.prefetch == nil }
            #expect(world.broker.record.queues[target.queue] != nil)
            _ = try await world.useCases.enableTarget(target.id, domainID: World.domain)
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
        }
    }

    @Test func `a deleted target's queue is removed`() async throws {
        let target = try await world.addTarget()
        let other = try await world.addTarget()
        try await world.run([.queues]) {
            await world.broker.until { $0.queues.byKey.count == 2 }
            _ = try await world.useCases.deleteTarget(target.id, domainID: World.domain)
            await world.broker.until { $0.queues[target.queue] == nil }
        }
        #expect(world.broker.record.queues[other.queue]?.prefetch == 16)
        // Nothing is remembered of it.
        #expect(world.queues.knownQueues == 1)
    }

    private func pause(_ id: TargetID, milliseconds: Int64) async throws {
        let pause = TargetPause(until: world.time.now().adding(milliseconds: milliseconds), reason: "why")
        _ = try await world.useCases.pauseTarget(id, pause, domainID: World.domain)
    }

    @Test func `however often a target is told of, one waits for the end of its pause`() async throws {
        let target = try await world.addTarget()
        try await world.run([.queues]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            try await pause(target.id, milliseconds: 60_000)
            await world.time.waitForSleepers()
            for _ in 0..<50 { world.queues.targetChanged(target.id) }
            _ = try await world.useCases.resumeTarget(target.id, domainID: World.domain)
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            #expect(world.time.sleepers == 1)
        }
    }

    @Test func `a pause that ends earlier, or later, than it was to is followed`() async throws {
        let target = try await world.addTarget()
        try await world.run([.queues]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            try await pause(target.id, milliseconds: 60_000)
            await world.time.waitForSleepers()
            try await pause(target.id, milliseconds: 5_000)
            await world.pass(5_000, sleepers: 2)
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }

            try await pause(target.id, milliseconds: 5_000)
            await world.broker.until { $0.queues[target.queue]?.prefetch == nil }
            await world.time.waitForSleepers(2)
            try await pause(target.id, milliseconds: 90_000)
            world.broker.advance(by: 5_000)
            // The one that wakes finds the later end, and waits for it.
            await world.time.waitForSleepers(2)
            #expect(world.broker.record.queues[target.queue]?.prefetch == nil)
            world.broker.advance(by: 85_000)
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
        }
    }

    @Test func `messages that wait for a deleted target are let go, and then its queue is removed`() async throws {
        let target = try await world.addTarget(maxInFlight: 1)
        let owed = try await world.owe(plans: 5)
        world.receiver.hold(target.id)
        try await world.run([.queues, .dispatcher]) {
            await world.broker.until { $0.queues[target.queue] != nil }
            _ = await world.broker.publish(jobs: owed.map(\.outgoing))
            await world.receiver.until { $0.count(target.id) == 1 }
            _ = try await world.useCases.deleteTarget(target.id, domainID: World.domain)
            // Refused once, because messages wait; they are acked as stale meanwhile.
            await world.time.waitForSleepers()
            world.receiver.release(target.id)
            await world.broker.until { $0.acknowledged(.jobs).count == 5 }
            await world.pass(200)
            await world.broker.until { $0.queues[target.queue] == nil }
        }
        #expect(world.receiver.seen.count(target.id) == 1)
        let statuses = try owed.map { try world.job($0).status }
        #expect(statuses == [.succeeded, .cancelled, .cancelled, .cancelled, .cancelled])
    }

    @Test func `what a renewed queue had is handed out anew, also where the ledger fails at first`() async throws {
        try await runToCreate([.queues, .releaser]) {
            let target = try await world.addTarget()
            let other = try await world.addTarget()
            for id in [target.id, other.id] { world.queues.targetChanged(id) }
            let owed = try await world.owe(plans: 3, to: [target, other])
            await world.broker.until { $0.queues.byKey.count == 3 }
            world.releaser.release(owed)
            await world.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == $0.job.epoch } }
            world.ledger.failNext(.reissue)
            world.broker.renew(target.queue)
            await world.pass(100)
            await world.broker.until { $0.jobs.count == 9 }
            await world.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == $0.job.epoch } }
            let anew = world.broker.record.jobs.suffix(3).map(\.claim)
            #expect(anew.map(\.epoch) == [2, 2, 2])
            #expect(anew.map(\.jobID) == owed.map(\.claim).filter { $0.targetID == target.id }.map(\.jobID))
            let epochs = world.ledger.inspect { $0.jobs.filter { $0.job.targetID == other.id }.map(\.job.epoch) }
            #expect(epochs == [1, 1, 1])
        }
    }

    @Test func `a queue that somebody else has declared otherwise costs nothing, whatever it had`() async throws {
        try await runToCreate([.queues, .releaser]) {
            let target = try await world.addTarget()
            world.queues.targetChanged(target.id)
            await world.broker.until { $0.queues[target.queue] != nil }
            world.releaser.release(try await world.owe(plans: 3, to: [target]))
            await world.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == 1 } }
            world.broker.usurp(target.queue)
            await world.time.waitForSleepers()
            #expect(world.queues.problem(of: target.id)?.since == world.time.now())
            // What comes meanwhile waits in the ledger.
            world.releaser.release(try await world.owe(to: [target]))
            world.releaser.sweepLedger()
            let other = try await world.addTarget()
            world.queues.targetChanged(other.id)
            await world.broker.until { $0.queues[other.queue] != nil }
            #expect(world.broker.record.jobs.count == 3)

            world.broker.refuseQueues(of: [])
            await world.pass(400)
            await world.broker.until { $0.jobs.count == 7 }
        }
        let anew = world.broker.record.jobs.suffix(4).map(\.claim)
        #expect(Set(anew.map(\.jobID)).count == 4)
        #expect(anew.count { $0.epoch == 2 } == 3)
    }

    @Test func `what was published into a queue that is missing at the start is handed out anew`() async throws {
        let target = try await world.addTarget()
        let owed = try await world.owe(plans: 2)
        try await world.run([.queues, .releaser]) {
            await world.broker.until { $0.queues[target.queue] != nil }
            world.releaser.release(owed)
            await world.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == 1 } }
        }
        let next = World(ledger: world.ledger, broker: world.broker.crash())
        next.directory.put(target)
        next.broker.lose(target.queue)
        next.broker.connect()
        try await next.run([.queues, .releaser]) {
            await next.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == 2 } }
        }
        #expect(next.broker.record.queues[target.queue]?.prefetch == 16)
    }

    @Test func `while the broker is away it is not asked, and when it is back it is asked at once`() async throws {
        let target = try await world.addTarget()
        world.broker.disconnect()
        try await world.run([.queues]) {
            await world.broker.until { $0.openings.count == 1 }
            world.broker.connect()
            await world.broker.until { $0.queues[target.queue] != nil }
        }
        #expect(world.broker.record.openings.count == 2)
    }
}
