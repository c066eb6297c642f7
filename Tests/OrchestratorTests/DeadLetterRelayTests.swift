import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Dead-letter relay", .timeLimit(.minutes(1)))
struct DeadLetterRelayTests {
    private let world = World()

    /// Fails so many jobs, and leaves their dead letters owed.
    private func fail(_ count: Int) async throws -> [JobID] {
        let target = try await world.addTarget(retry: RetryPolicy(schedule: .explicit([])), isOpen: true)
        let owed = try await world.owe(plans: count)
        for job in owed {
            world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
            _ = await world.attempt.run(IncomingJobMessage(job))
        }
        return owed.map(\.claim.jobID)
    }

    @Test func `every dead letter is shown, beyond one batch, by id`() async throws {
        let jobs = try await fail(230)
        try await world.run([.deadLetters]) {
            await world.ledger.until { $0.jobs.allSatisfy { !$0.owesDeadLetter } }
        }
        #expect(world.broker.record.deadLetters.map(\.claim.jobID) == jobs)
    }

    @Test func `what was not confirmed is shown again, and only that`() async throws {
        let jobs = try await fail(3)
        try #require(jobs.count == 3)
        world.broker.answerNext(.deadLetters, .confirm, .refuse, .loseConfirm)
        try await world.run([.deadLetters]) {
            await world.time.waitForSleepers()
            #expect(world.ledger.inspect { $0.jobs.map(\.owesDeadLetter) } == [false, true, true])
            await world.pass(5_000)
            await world.ledger.until { $0.jobs.allSatisfy { !$0.owesDeadLetter } }
        }
        #expect(world.broker.record.deadLetters.map(\.claim.jobID) == [jobs[0], jobs[2], jobs[1], jobs[2]])
    }

    @Test func `what a queue had shown that was deleted is shown again`() async throws {
        let jobs = try await fail(3)
        world.broker.answerNext(.deadLetters, .confirm, .confirm, .refuse)
        try await world.run([.deadLetters]) {
            await world.time.waitForSleepers()
            world.broker.renewDeadLetters(of: .webhook)
            await world.pass(5_000)
            await world.broker.until { $0.deadLetters.count >= 3 }
            await world.ledger.until { $0.jobs.allSatisfy { !$0.owesDeadLetter } }
        }
        #expect(world.broker.record.deadLetters.map(\.claim.jobID).sorted() == jobs)
    }

    @Test func `what an earlier process owed is looked for when asked`() async throws {
        let jobs = try await fail(2)
        let next = World(ledger: world.ledger.crash())
        try await next.run([.deadLetters]) {
            next.deadLetters.deadLetterOwed()
            await next.ledger.until { $0.jobs.allSatisfy { !$0.owesDeadLetter } }
        }
        #expect(next.broker.record.deadLetters.map(\.claim.jobID) == jobs)
    }
}
