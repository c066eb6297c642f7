import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Trying again by hand", .timeLimit(.minutes(1)))
struct RetryUseCaseTests {
    private let world = World()
    private static let once = RetryPolicy(schedule: .explicit([]))

    /// Jobs that have died, one a plan.
    private func deadJobs(_ count: Int, of target: Target) async throws -> [OwedJob] {
        let owed = try await world.owe(plans: count, to: [target])
        for job in owed {
            world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
            _ = await world.attempt.run(IncomingJobMessage(job))
        }
        return owed
    }

    @Test func `a retried job leaves anew, and succeeds under the same delivery id`() async throws {
        let target = try await world.addTarget(retry: Self.once, isOpen: true)
        let owed = try #require(try await deadJobs(1, of: target).first)
        try await world.run([.releaser, .dispatcher]) {
            let snapshot = try await world.useCases.retryJob(owed.claim.jobID, domainID: World.domain)
            #expect(snapshot.summary.job.epoch == 2)
            await world.ledger.until { $0.plan(owed.claim.planID)?.plan.status == .succeeded }
        }
        let ids = world.receiver.seen.deliveries.map(\.attempt.deliveryID)
        #expect(ids == [owed.claim.deliveryID, owed.claim.deliveryID])
        #expect(
            world.owedEvents().suffix(4) == [
                "1.plan.reopened", "1.job.replayed", "1.job.succeeded", "1.plan.completed",
            ])
    }

    @Test func `a retried plan sends its failed jobs again, and a waiting one at once`() async throws {
        let failing = try await world.addTarget(retry: Self.once, isOpen: true)
        let slow = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(to: [failing, slow])
        for (job, target) in zip(owed, [failing, slow]) {
            world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
            _ = await world.attempt.run(IncomingJobMessage(job))
        }
        let planID = owed[0].claim.planID
        try await world.run([.releaser, .dispatcher]) {
            let rehearsed = try await world.useCases.retryPlan(planID, domainID: World.domain, isRehearsal: true)
            #expect(rehearsed.plan.counts.failed == 1)
            let snapshot = try await world.useCases.retryPlan(planID, domainID: World.domain)
            #expect(snapshot.plan.counts.failed == 0)
            await world.ledger.until { $0.plan(planID)?.plan.status == .succeeded }
        }
        #expect(world.receiver.seen.deliveries.count == 4)
        let useCases = world.useCases
        for isRehearsal in [true, false] {
            let refused = await refusal {
                _ = try await useCases.retryPlan(planID, domainID: World.domain, isRehearsal: isRehearsal)
            }
            #expect(refused?.code == .jobRetryForbidden)
        }
    }

    @Test func `what cannot be tried again is refused with its reason`() async throws {
        let target = try await world.addTarget(retry: Self.once)
        let dead = try #require(try await deadJobs(1, of: target).first)
        let waiting = try #require(try await world.owe().first)
        let useCases = world.useCases
        func retry(_ id: JobID, _ domain: DomainID = World.domain) async -> Refusal? {
            await refusal { _ = try await useCases.retryJob(id, domainID: domain) }
        }
        #expect(await retry(waiting.claim.jobID)?.code == .jobRetryForbidden)
        #expect(await retry(dead.claim.jobID, DomainID(2))?.code == .jobNotFound)
        world.ledger.losePayload(of: dead.claim.jobID)
        #expect(await retry(dead.claim.jobID)?.code == .deadLetterExpired)
        _ = try await useCases.deleteTarget(target.id, domainID: World.domain)
        let refused = await retry(dead.claim.jobID)
        #expect(refused?.code == .jobRetryForbidden)
        #expect(refused?.message.contains("target was deleted") == true)
    }
}
