import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Use cases of plans", .timeLimit(.minutes(1)))
struct PlanUseCaseTests {
    private let world = World()

    @Test func `a submitted plan is in the ledger, and its jobs are on their way`() async throws {
        let target = try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            let submitted = try await world.useCases.submitPlan(Sample.planRequest())
            #expect(!submitted.isRepetition)
            #expect(submitted.snapshot.plan.status == .queued)
            #expect(submitted.snapshot.jobs.map(\.job.targetID) == [target.id])
            await world.broker.until { $0.queues[target.queue]?.inHand == 1 }
            let again = try await world.useCases.submitPlan(Sample.planRequest())
            #expect(again.isRepetition)
            #expect(again.snapshot.plan.id == submitted.snapshot.plan.id)
        }
        #expect(world.ledger.inspect { $0.plans.count } == 1)
    }

    @Test func `a used key refuses another request, rehearsed or not`() async throws {
        try await world.addTarget()
        let useCases = world.useCases
        _ = try await useCases.submitPlan(Sample.planRequest(contentVersion: 3))
        let other = Sample.planRequest(contentVersion: 4)
        #expect(await refusal { _ = try await useCases.submitPlan(other) }?.code == .idempotencyKeyReused)
        #expect(await refusal { _ = try await useCases.rehearsePlan(other) }?.code == .idempotencyKeyReused)
        _ = try await useCases.rehearsePlan(Sample.planRequest(contentVersion: 3))
    }

    @Test func `a rehearsal shows what would become of a plan, and has no effect`() async throws {
        let webhook = try await world.addTarget(isOpen: true)
        let partner = try await world.addTarget(channel: .partner)
        let events = world.ledger.inspect { $0.events.count }
        try await world.run([.releaser]) {
            let shown = try await world.useCases.rehearsePlan(
                Sample.planRequest(policy: Sample.policy(allowedChannels: [.webhook])))
            #expect(shown.plan.id == PlanID(0))
            #expect((shown.plan.counts.queued, shown.plan.counts.blocked) == (1, 1))
            #expect(shown.jobs.map(\.job.targetID) == [webhook.id, partner.id])
            #expect(shown.jobs.map(\.job.status) == [.queued, .blocked])
            #expect(shown.jobs.last?.job.lastError?.code == .policyChannelDenied)
            let useCases = world.useCases
            let missing = Sample.planRequest(selection: .targets([.init(id: TargetID(99), transform: nil)]))
            #expect(await refusal { _ = try await useCases.rehearsePlan(missing) }?.code == .targetNotFound)
        }
        #expect(world.ledger.inspect { $0.plans.isEmpty && $0.jobs.isEmpty && $0.events.count == events })
        #expect(world.broker.record.jobs.isEmpty)
        // The key is still free.
        #expect(
            try await !world.useCases.submitPlan(
                Sample.planRequest(
                    contentVersion: 9,
                    policy: Sample.policy(
                        allowedChannels: [.webhook]))
            ).isRepetition)
    }

    @Test func `a plan that cannot be written is refused, and nothing of it is kept`() async throws {
        try await world.addTarget()
        let useCases = world.useCases
        world.ledger.failNext(.accept, as: .invalid)
        let failed = await refusal { _ = try await useCases.submitPlan(Sample.planRequest(idempotencyKey: "key-2")) }
        #expect(failed?.code == .internalError)
        world.ledger.failNext(.accept)
        let refused = await refusal { _ = try await useCases.submitPlan(Sample.planRequest(idempotencyKey: "key-3")) }
        #expect(refused?.code == .ledgerUnavailable)
        #expect(world.ledger.inspect { $0.plans.count } == 0)
        #expect(world.releaser.waitingJobs == 0)
    }

    @Test func `who waits for a plan gets its end, or how it stands at the deadline`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        let useCases = world.useCases
        let deadline = Sample.now.adding(milliseconds: 120)
        async let late = useCases.awaitPlan(owed.claim.planID, domainID: World.domain, until: deadline)
        for milliseconds in [50, 50, 20] as [Int64] { await world.pass(milliseconds) }
        #expect(try await late.plan.status == .queued)

        async let awaited = useCases.awaitPlan(
            owed.claim.planID, domainID: World.domain, until: deadline.adding(milliseconds: 60_000))
        await world.time.waitForSleepers()
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        await world.pass(50)
        #expect(try await awaited.plan.status == .succeeded)
        #expect(world.receiver.seen.count(target.id) == 1)
    }

    @Test func `another domain's plans, jobs and dead letters do not exist`() async throws {
        let target = try await world.addTarget(retry: RetryPolicy(schedule: .explicit([])), isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
        _ = await world.attempt.run(IncomingJobMessage(owed))
        let useCases = world.useCases
        let foreign = DomainID(2)
        let (plan, job) = (owed.claim.planID, owed.claim.jobID)
        #expect(await refusal { _ = try await useCases.plan(plan, domainID: foreign) }?.code == .planNotFound)
        #expect(await refusal { _ = try await useCases.job(job, domainID: foreign) }?.code == .jobNotFound)
        #expect(await refusal { _ = try await useCases.deadLetter(job, domainID: foreign) }?.code == .jobNotFound)
        #expect(try await useCases.plans(domainID: foreign, Page(), status: nil).isEmpty)
        #expect(try await useCases.jobs(domainID: foreign, Page(), filter: JobFilter()).isEmpty)
        #expect(try await useCases.deadLetters(domainID: foreign, Page(), filter: JobFilter()).isEmpty)
        #expect(try await useCases.deadLetter(job, domainID: World.domain).body == owed.body)
        #expect(try await useCases.job(job, domainID: World.domain).attempts.count == 1)
    }
}
