import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Orphan keeper", .timeLimit(.minutes(1)))
struct OrphanKeeperTests {
    private let world = World()

    @Test func `a job that found no queue gets one, and goes out as the next epoch`() async throws {
        let first = try await world.addTarget(isOpen: true)
        try await world.run([.orphans, .queues, .releaser, .dispatcher]) {
            await world.broker.until { $0.queues[first.queue]?.prefetch == 16 }
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

    @Test func `an orphan of a plan that is too old to be kept is let go`() async throws {
        let target = try await world.addTarget()
        let owed = try await world.owe()
        _ = try await world.ledger.deleteTarget(target.id)
        world.directory.remove(target.id)
        _ = await world.broker.publish(jobs: owed.map(\.outgoing))
        let last = try #require(try await world.ledger.owedEvents(after: 0, limit: 99).last)
        try await world.ledger.confirmEvents(through: last.place)
        let later = world.time.now().adding(milliseconds: 1_000)
        #expect(try await world.ledger.removePlans(endedBefore: later, limit: 9).rows > 0)
        try await world.run([.orphans, .releaser]) {
            await world.broker.until { $0.acknowledged(.orphans).count == 1 }
        }
        #expect(world.broker.record.quarantined.isEmpty)
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
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            await world.pass(500)
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

    @Test func `one that the ledger does not know so is put into quarantine, and its job left alone`() async throws {
        let target = try await world.addTarget()
        let other = try await world.addTarget()
        let owed = try await world.owe()
        let (mine, others) = (owed[0], owed[1])
        let claim = mine.claim
        func forged(
            job: JobID? = nil, target: TargetID? = nil, domain: DomainID? = nil, epoch: Int64 = 1, body: [UInt8]? = nil
        ) -> OutgoingJob {
            OutgoingJob(
                claim: JobClaim(
                    jobID: job ?? claim.jobID, planID: claim.planID, targetID: target ?? claim.targetID,
                    domainID: domain ?? claim.domainID, channelType: claim.channelType, deliveryID: claim.deliveryID,
                    epoch: epoch),
                attempt: 1, contentType: mine.contentType, body: body ?? mine.body, trace: nil, delayMilliseconds: 0)
        }
        let forgeries = [
            forged(job: JobID(987)), forged(job: others.claim.jobID), forged(target: other.id),
            forged(target: TargetID(987)), forged(domain: DomainID(2)), forged(epoch: 9), forged(body: [1]),
        ]
        _ = await world.broker.publish(jobs: forgeries)
        try await world.run([.orphans, .releaser]) {
            await world.broker.until { $0.acknowledged(.orphans).count == forgeries.count }
        }
        #expect(world.broker.record.quarantined.map(\.code) == forgeries.map { _ in .jobMismatch })
        #expect(world.broker.record.openings.isEmpty)
        #expect(try world.job(mine).epoch == 1)
        #expect(try world.job(others).epoch == 1)
        #expect(world.broker.record.queues[target.queue] == nil)
    }

    @Test func `a dead letter that was moved to a target without a queue is tried again`() async throws {
        let target = try await world.addTarget(
            retry: RetryPolicy(schedule: .explicit([]), jitter: 0), isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
        try await world.run([.orphans, .queues, .releaser, .dispatcher]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch == 16 }
            _ = await world.broker.publish(jobs: [owed.outgoing])
            await world.ledger.until { $0.jobs[0].job.status == .failed }
            await world.broker.close(target.queue)
            world.broker.lose(target.queue)
            let dead = try world.job(owed)
            world.broker.inject(
                deadLetterOrphan: OutgoingJob(
                    claim: owed.claim.atEpoch(dead.epoch), attempt: 2, contentType: owed.contentType, body: owed.body,
                    trace: nil, delayMilliseconds: 0))
            await world.ledger.until { $0.jobs[0].job.status == .succeeded }
        }
        #expect(world.broker.record.quarantined.isEmpty)
        #expect(world.receiver.seen.count(target.id) == 2)
    }

    @Test func `one whose target is not known here yet is looked at again after a pause`() async throws {
        let target = try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        let world = World(ledger: world.ledger, broker: world.broker, time: world.time)
        _ = await world.broker.publish(jobs: [owed.outgoing])
        try await world.run([.orphans, .releaser]) {
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            world.directory.put(target)
            await world.pass(500)
            await world.broker.until { $0.acknowledged(.orphans).count == 1 }
        }
        #expect(world.broker.record.givenBack(.orphans).count == 1)
        #expect(try world.job(owed).epoch == 2)
    }

    @Test func `while the ledger cannot be read it waits, and is settled once`() async throws {
        try await world.addTarget()
        let owed = try #require(try await world.owe().first)
        world.ledger.failNext(.views)
        _ = await world.broker.publish(jobs: [owed.outgoing])
        try await world.run([.orphans, .releaser]) {
            await world.pass(200)
            await world.broker.until { $0.acknowledged(.orphans).count == 1 }
        }
        #expect(world.broker.record.givenBack(.orphans).isEmpty)
    }
}
