import Distribution
import DistributionTesting
import Sealing
import Testing

@testable import Orchestrator

/// What becomes of a message before anything is sent.
@Suite("Attempt decisions", .timeLimit(.minutes(1)))
struct AttemptDecisionTests {
    private let world = World()

    /// One target with an open queue, and the one job that is owed to it.
    private func setUp(policy: Policy = Sample.policy()) async throws -> (Target, OwedJob) {
        let target = try await world.addTarget(isOpen: true)
        return (target, try #require(try await world.owe(policy: policy).first))
    }

    private func begin(_ owed: OwedJob) async throws -> AttemptGrant {
        let request = AttemptRequest(
            claim: owed.claim, payloadDigest: SHA256.digest(owed.body), isRedelivered: false,
            startedAt: world.time.now())
        guard case .start(let grant) = try await world.ledger.begin(request) else {
            throw ScenarioFailure("the attempt could not begin")
        }
        return grant
    }

    @Test func `start sends the job's bytes under its delivery id, and acks what succeeded`() async throws {
        let (target, owed) = try await setUp()
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        let delivery = try #require(world.receiver.seen.deliveries.first)
        #expect(delivery.target == target)
        #expect(delivery.attempt.deliveryID == owed.claim.deliveryID)
        #expect(delivery.attempt.body == owed.body)
        #expect(delivery.attempt.contentType == "text/plain")
        #expect(try world.job(owed).status == .succeeded)
    }

    @Test func `a message that comes early goes back into the ladder as the same epoch`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let due = Sample.now.adding(milliseconds: 60_000)
        let prepared = try world.preparation.prepare(
            Sample.planRequest(scheduledAt: due), requestDigest: LedgerScenario.digest("d"), userID: nil,
            at: Sample.now)
        _ = try await world.ledger.accept(prepared)
        let owed = try #require(world.ledger.inspect { $0.jobs.first?.owed })
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        let published = try #require(world.broker.record.jobs.first)
        #expect((published.delayMilliseconds, published.claim, published.attempt) == (60_000, owed.claim, 1))
        #expect(published.body == owed.body)
        #expect(world.receiver.seen.count(target.id) == 0)

        world.broker.answerNext(.jobs, .refuse)
        // Not before a moment has passed: it would come again at once.
        async let settlement = world.attempt.run(IncomingJobMessage(owed))
        await world.pass(500)
        #expect(await settlement == .giveBack)
    }

    @Test func `an older epoch and a job at its end are acked and not attempted`() async throws {
        let (_, owed) = try await setUp()
        _ = try await world.ledger.reissue(jobID: owed.claim.jobID, epoch: 1)
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        #expect(world.receiver.seen.deliveries.isEmpty)
        #expect(await world.attempt.run(IncomingJobMessage(owed, epoch: 2)) == .acknowledge)
        #expect(await world.attempt.run(IncomingJobMessage(owed, epoch: 2)) == .acknowledge)
        #expect(world.receiver.seen.deliveries.count == 1)
    }

    @Test func `a licence that has ended blocks the job`() async throws {
        let policy = Sample.policy(expiresAt: Sample.now.adding(milliseconds: 1_000))
        let (_, owed) = try await setUp(policy: policy)
        world.time.advance(by: 1_000)
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        #expect(world.receiver.seen.deliveries.isEmpty)
        #expect(try world.job(owed).status == .blocked)
        #expect(world.owedEvents() == ["1.plan.accepted", "1.job.blocked", "1.plan.completed"])
    }

    @Test func `a job whose attempt is open elsewhere is given back`() async throws {
        let (_, owed) = try await setUp()
        _ = try await begin(owed)
        // Not before a moment has passed: it would come again at once.
        async let settlement = world.attempt.run(IncomingJobMessage(owed))
        await world.pass(500)
        #expect(await settlement == .giveBack)
        #expect(world.receiver.seen.deliveries.isEmpty)
    }

    @Test func `other bytes, another target and a future epoch are put into quarantine`() async throws {
        let (_, owed) = try await setUp()
        let other = try await world.addTarget()
        let claim = owed.claim
        let mixed = OwedJob(
            claim: JobClaim(
                jobID: claim.jobID, planID: claim.planID, targetID: other.id, domainID: claim.domainID,
                channelType: claim.channelType, deliveryID: claim.deliveryID, epoch: 1),
            attempt: 1, dueAt: owed.dueAt, contentType: owed.contentType, body: owed.body, trace: nil)
        let messages = [
            IncomingJobMessage(owed, body: [1]), IncomingJobMessage(mixed), IncomingJobMessage(owed, epoch: 2),
        ]
        for message in messages { #expect(await world.attempt.run(message) == .acknowledge) }
        #expect(world.broker.record.quarantined.map(\.code) == [.jobMismatch, .jobMismatch, .jobMismatch])
        #expect(world.receiver.seen.deliveries.isEmpty)
        #expect(try world.job(owed).status == .queued)
    }

    @Test func `what cannot be put into quarantine is given back`() async throws {
        let (_, owed) = try await setUp()
        let error = DeliveryError(code: .jobMismatch, message: "x-job-id is missing.")
        let malformed = IncomingJobMessage(
            queue: nil, claim: .failure(error), contentType: "", body: [], trace: nil, isRedelivered: false,
            settlement: DiscardedSettlement(), original: 0)
        world.broker.answerNext(.quarantine, .refuse, .unroutable, .confirm)
        for message in [malformed, IncomingJobMessage(owed, body: [1])] {
            async let settlement = world.attempt.run(message)
            await world.pass(500)
            #expect(await settlement == .giveBack)
        }
        #expect(await world.attempt.run(malformed) == .acknowledge)
        #expect(world.broker.record.quarantined == [error])
    }

    @Test func `a deleted target's message is acked`() async throws {
        let (target, owed) = try await setUp()
        _ = try await world.ledger.deleteTarget(target.id)
        world.directory.remove(target.id)
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        #expect(try world.job(owed).status == .cancelled)
    }

    @Test func `a target that is not known here yet is looked at again, and no attempt is counted`() async throws {
        let (target, owed) = try await setUp()
        let starting = World(ledger: world.ledger, broker: world.broker, time: world.time)
        #expect(await starting.attempt.run(IncomingJobMessage(owed)) == .giveBack)
        #expect(try world.job(owed).attempt == 0)
        starting.directory.put(target)
        #expect(await starting.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        #expect(world.ledger.inspect { $0.jobs[0].attempts.map(\.attempt.number) } == [1])
    }

    @Test func `a ledger that can never begin it gives the message back, not at once`() async throws {
        let (_, owed) = try await setUp()
        world.ledger.failNext(.begin, as: .invalid)
        async let settlement = world.attempt.run(IncomingJobMessage(owed))
        await world.time.waitForSleepers()
        await world.pass(500)
        #expect(await settlement == .giveBack)
        #expect(world.receiver.seen.deliveries.isEmpty)
    }
}
