import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("What waits to be published", .timeLimit(.minutes(1)))
struct ReleaseBacklogTests {
    private func job(_ number: Int64, bytes: Int = 1) -> OwedJob {
        OwedJob(
            claim: JobClaim(
                jobID: JobID(number), planID: PlanID(1), targetID: TargetID(1), domainID: DomainID(1),
                channelType: .webhook, deliveryID: Sample.deliveryID(number), epoch: 1),
            attempt: 1, dueAt: Sample.now, contentType: "application/json", body: Array(repeating: 0, count: bytes),
            trace: nil)
    }

    @Test func `no more jobs are kept than the limit, and what was forgotten is caught up with once`() {
        var backlog = ReleaseBacklog()
        let limit = ReleaseBacklog.jobLimit
        backlog.add((1...Int64(limit) + 500).map { job($0) })
        #expect(backlog.count == limit)
        #expect(backlog.isFull)
        let isReadyTooEarly = backlog.catchesUp()
        #expect(isReadyTooEarly == false)
        var taken: [OwedJob] = []
        while case let batch = backlog.take(128), !batch.isEmpty { taken += batch }
        #expect(taken.map(\.claim.jobID.rawValue) == (1...Int64(limit)).map(\.self))
        // Nothing waits behind what was forgotten, however much room there is.
        backlog.add([job(9_999)])
        #expect(backlog.isEmpty)
        let isReady = backlog.catchesUp()
        #expect(isReady == true)
        let isReadyAgain = backlog.catchesUp()
        #expect(isReadyAgain == false)
        backlog.add([job(10_000)])
        #expect(backlog.count == 1)
    }

    @Test func `bodies are bounded, too`() {
        var backlog = ReleaseBacklog()
        backlog.add((1...40).map { job($0, bytes: 1 << 20) })
        #expect(backlog.count == 16)
        _ = backlog.take(1)
        #expect(!backlog.isFull)
    }

    @Test func `a job is known from its release until it is noted, and not published twice meanwhile`() {
        var backlog = ReleaseBacklog()
        backlog.add([job(1), job(2), job(1)])
        #expect(backlog.count == 2)
        let taken = backlog.take(128)
        let unknown = backlog.admit([job(1), job(2), job(3)]).map(\.claim.jobID)
        #expect(unknown == [JobID(3)])
        backlog.forget(taken.map(\.published))
        let knownNoMore = backlog.admit([job(1), job(3)]).map(\.claim.jobID)
        #expect(knownNoMore == [JobID(1)])
    }

    @Test(arguments: [(1, 16), (512, 16), (1_024, 8), (4_096, 2), (50_000, 2)])
    func `the more targets there are, the fewer messages of each are in hand`(targets: Int, prefetch: Int) {
        #expect(OrchestratorSettings().prefetch(ofTargets: targets, bodies: BodySizes().estimate) == prefetch)
    }

    // MARK: The releaser with it

    @Test func `what does not fit into memory while the broker holds back leaves afterwards, each job once`()
        async throws
    {
        let world = World()
        try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 40)
        let large = owed.map { job in
            OwedJob(
                claim: job.claim, attempt: job.attempt, dueAt: job.dueAt, contentType: job.contentType,
                body: Array(repeating: 0, count: 1 << 20), trace: job.trace)
        }
        world.broker.block()
        for job in large { world.releaser.release([job]) }
        #expect(world.releaser.waitingJobs == 16)
        try await world.run([.releaser]) {
            await world.broker.until { $0.jobBatches.count == 2 }
            world.broker.unblock()
            await world.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == 1 } }
        }
        #expect(world.broker.record.jobs.map(\.claim.jobID).sorted() == owed.map(\.claim.jobID))
        // Both are on their way at once.
        #expect(world.broker.record.jobBatches.map(\.count).sorted() == [16, 24])
    }

    @Test func `a look into the ledger leaves out what is on its way`() async throws {
        let world = World()
        try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 3)
        world.broker.block()
        world.releaser.release(owed)
        try await world.run([.releaser]) {
            await world.broker.until { $0.jobBatches.count == 1 }
            let later = try await world.owe()
            world.releaser.sweepLedger()
            await world.broker.until { $0.jobBatches.count == 2 }
            #expect(world.broker.record.jobBatches[1].map(\.claim) == later.map(\.claim))
            world.broker.unblock()
            await world.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == 1 } }
        }
        #expect(world.broker.record.jobs.count == 4)
    }

    @Test func `plan messages wait in their queue while there is no room, callers do not`() async throws {
        let world = World()
        try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        let large = OwedJob(
            claim: owed.claim, attempt: 1, dueAt: owed.dueAt, contentType: owed.contentType,
            body: Array(repeating: 0, count: ReleaseBacklog.byteLimit), trace: nil)
        world.releaser.release([large])
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan(key: "message"))
            // It would be taken at last, after ten minutes.
            await world.time.waitForSleepers()
            #expect(world.ledger.inspect { $0.plans.count } == 1)
            _ = try await world.useCases.submitPlan(Sample.planRequest(idempotencyKey: "caller"))
            #expect(world.ledger.inspect { $0.plans.count } == 2)
            try await world.run([.releaser]) {
                await world.broker.until { $0.acknowledged(.plans).count == 1 }
                await world.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == 1 } }
            }
        }
        #expect(world.ledger.inspect { $0.plans.count } == 3)
        #expect(world.broker.record.jobs.count == 3)
    }
}
