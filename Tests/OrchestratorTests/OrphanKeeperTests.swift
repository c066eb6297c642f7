import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Orphan keeper", .timeLimit(.minutes(1)))
struct OrphanKeeperTests {
    private let world = World()

    @Test func `a job that found no queue gets one, and goes out as the next epoch`() async throws {
        let first = try await world.addTarget()
        try await world.run([.orphans, .queues, .releaser, .dispatcher]) {
            await world.broker.until { $0.queues[first.queue] != nil }
            let target = try await world.addTarget()
            let owed = try #require(try await world.owe(to: [target]).first)
            _ = await world.broker.publish(jobs: [owed.outgoing])
            await world.broker.until { $0.acknowledged(.orphans).count == 1 && $0.acknowledged(.jobs).count == 1 }
            #expect(world.broker.record.queues[target.queue]?.prefetch == 16)
            #expect(world.broker.record.jobs.map(\.claim.epoch) == [1, 2])
            #expect(world.receiver.seen.count(target.id) == 1)
            #expect(try world.job(owed).status == .succeeded)
        }
    }

    @Test func `a deleted target's orphan is let go`() async throws {
        let target = try await world.addTarget()
        let owed = try await world.owe()
        _ = try await world.ledger.deleteTarget(target.id)
        world.directory.remove(target.id)
        _ = await world.broker.publish(jobs: owed.map(\.outgoing))
        try await world.run([.orphans, .releaser]) {
            await world.broker.until { $0.acknowledged(.orphans).count == 1 }
        }
        #expect(world.broker.record.openings.isEmpty)
        #expect(world.broker.record.jobs.count == 1)
    }

    @Test func `a stale orphan is let go`() async throws {
        try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        _ = try await world.ledger.reissue(jobID: owed.claim.jobID, epoch: 1)
        _ = await world.broker.publish(jobs: [owed.outgoing])
        try await world.run([.orphans, .releaser]) {
            await world.broker.until { $0.acknowledged(.orphans).count == 1 }
        }
        #expect(try world.job(owed).epoch == 2)
        #expect(world.broker.record.jobs.count == 1)
    }

    @Test func `a disabled target's orphan stays owed until the target is enabled`() async throws {
        let target = try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        try await world.disable(target.id)
        _ = await world.broker.publish(jobs: [owed.outgoing])
        try await world.run([.orphans, .releaser, .queues, .dispatcher]) {
            await world.broker.until { $0.acknowledged(.orphans).count == 1 }
            // Another one behind it shows that the first did not come round again.
            world.broker.inject(malformedOrphan: DeliveryError(code: .jobMismatch, message: "x-job-id is missing."))
            await world.broker.until { $0.acknowledged(.orphans).count == 2 }
            #expect(world.broker.record.acknowledged(.orphans).map { $0.claim == nil } == [false, true])
            #expect(world.broker.record.jobs.count == 1)
            #expect(try world.job(owed).epoch == 2)

            _ = try await world.useCases.enableTarget(target.id, domainID: World.domain)
            await world.ledger.until { $0.jobs[0].job.status == .succeeded }
        }
        #expect(world.receiver.seen.count(target.id) == 1)
    }

    @Test func `one without sense is put into quarantine, or given back where that fails`() async throws {
        let error = DeliveryError(code: .jobMismatch, message: "x-job-id is missing.")
        world.broker.answerNext(.quarantine, .refuse)
        world.broker.inject(malformedOrphan: error)
        try await world.run([.orphans]) {
            await world.broker.until { $0.settled.count == 2 }
        }
        #expect(world.broker.record.settled.map(\.isAcknowledged) == [false, true])
        #expect(world.broker.record.quarantined == [error])
    }

    @Test func `while its queue is refused it stays owed and does not go round, and then it goes out`() async throws {
        let target = try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        world.broker.refuseQueues(of: [target.id])
        _ = await world.broker.publish(jobs: [owed.outgoing])
        try await world.run([.orphans, .queues, .releaser]) {
            await world.broker.until { $0.acknowledged(.orphans).count == 1 }
            await world.time.waitForSleepers()
            #expect(world.queues.problem(of: target.id)?.message == "The queue is declared otherwise.")
            // Published after all that was owed, so that by then nothing was.
            world.releaser.sweepLedger()
            let other = try await world.addTarget()
            world.queues.targetChanged(other.id)
            await world.broker.until { $0.queues[other.queue] != nil }
            #expect(world.broker.record.jobs.count == 1)
            #expect(try world.job(owed).epoch == 2)

            world.broker.refuseQueues(of: [])
            await world.pass(400)
            await world.broker.until { $0.queues[target.queue]?.inHand == 1 }
        }
        #expect(world.broker.record.givenBack(.orphans).isEmpty)
        #expect(world.broker.record.jobs.map(\.claim.epoch) == [1, 2])
    }
}
