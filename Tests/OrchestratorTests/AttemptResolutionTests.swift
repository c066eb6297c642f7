import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

/// What becomes of a job after an attempt.
@Suite("Attempt resolutions", .timeLimit(.minutes(1)))
struct AttemptResolutionTests {
    private let world = World()

    @Test func `a refusal is retried as the next epoch, after the delay of the schedule`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.answerNext(target.id, .rejected(statusCode: 503, retryAfter: nil))
        try await world.run([.releaser]) {
            #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
            await world.ledger.until { $0.jobs[0].job.publishedEpoch == 2 }
        }
        let published = try #require(world.broker.record.jobs.first)
        #expect((published.claim.epoch, published.attempt, published.delayMilliseconds) == (2, 2, 5_000))
        #expect((published.body, published.contentType) == (owed.body, owed.contentType))
        let job = try world.job(owed)
        #expect((job.status, job.nextAttemptAt) == (.retrying, Sample.now.adding(milliseconds: 5_000)))
        #expect(world.owedEvents() == ["1.plan.accepted", "1.job.retrying"])
    }

    @Test func `the time a target asks for takes the place of the schedule's`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.answerNext(
            target.id, .rejected(statusCode: 429, retryAfter: RetryAfter(milliseconds: 90_000)))
        _ = await world.attempt.run(IncomingJobMessage(owed))
        #expect(try world.job(owed).nextAttemptAt == Sample.now.adding(milliseconds: 90_000))
    }

    @Test func `no answer keeps what is known of whether it arrived`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.answerNext(
            target.id, .failed(code: .timeout, message: "No answer.", certainty: .ambiguous))
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        #expect(world.ledger.inspect { $0.jobs[0].attempts.map(\.attempt.certainty) } == [.ambiguous])
        #expect(try world.job(owed).status == .retrying)
    }

    @Test func `the last attempt's failure is a dead letter`() async throws {
        let target = try await world.addTarget(retry: RetryPolicy(schedule: .explicit([])), isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
        try await world.run([.deadLetters]) {
            #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
            await world.ledger.until { !$0.jobs[0].owesDeadLetter }
        }
        let letter = try #require(world.broker.record.deadLetters.first)
        #expect((letter.claim, letter.body, letter.attempts) == (owed.claim, owed.body, 1))
        #expect((letter.error.code, letter.error.statusCode) == (.httpStatus, 500))
        #expect(try world.job(owed).status == .failed)
        #expect(world.owedEvents() == ["1.plan.accepted", "1.job.failed", "1.plan.completed"])
    }

    @Test func `an endpoint that can never be reached fails the job without a byte sent`() async throws {
        try await world.addTarget(url: "http://127.0.0.1/", isOpen: true)
        let owed = try #require(try await world.owe().first)
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        let job = try world.job(owed)
        #expect((job.status, job.lastError?.code, job.lastError?.certainty) == (.failed, .egressRefused, .unsent))
        #expect(world.receiver.seen.deliveries.isEmpty)
    }

    @Test func `credentials that cannot be opened are waited for`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        var sealed = target
        sealed.credentials = .unavailable(reason: "The master key is another one.")
        sealed.revision += 1
        world.directory.put(sealed)
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        let job = try world.job(owed)
        #expect((job.status, job.lastError?.code) == (.retrying, .credentialsUnavailable))
    }

    @Test func `a target that is gone is disabled and the job waits for it`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.answerNext(target.id, .rejected(statusCode: 410, retryAfter: nil))
        #expect(await world.attempt.run(IncomingJobMessage(owed)) == .acknowledge)
        #expect(world.directory.target(target.id)?.isActive == false)
        let job = try world.job(owed)
        #expect((job.status, job.epoch, job.nextAttemptAt) == (.retrying, 2, nil))
        #expect(world.broker.record.jobs.isEmpty)
        #expect(world.owedEvents() == ["1.plan.accepted", "1.job.retrying", "1.target.disabled"])
    }

    @Test func `an attempt is delivered once however long its outcome takes to be written`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.ledger.failNext(.record, times: 3)
        async let settlement = world.attempt.run(IncomingJobMessage(owed))
        for _ in 0..<3 {
            await world.time.waitForSleepers()
            #expect(try world.job(owed).status == .running)
            await world.pass(5_000)
        }
        #expect(await settlement == .acknowledge)
        #expect(world.receiver.seen.count(target.id) == 1)
        #expect(try world.job(owed).status == .succeeded)
    }

    @Test func `an attempt that is stopped before it was sent is not counted`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id, certaintyOnceStopped: .unsent)
        let attempt = Task { await world.attempt.run(IncomingJobMessage(owed)) }
        await world.receiver.until { $0.count(target.id) == 1 }
        attempt.cancel()
        #expect(await attempt.value == .giveBack)
        let job = try world.job(owed)
        #expect((job.status, job.attempt, job.epoch) == (.queued, 0, 1))
        #expect(world.owedEvents() == ["1.plan.accepted"])
    }

    @Test func `an attempt that is stopped when it may have arrived counts`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.receiver.hold(target.id, certaintyOnceStopped: .ambiguous)
        let attempt = Task { await world.attempt.run(IncomingJobMessage(owed)) }
        await world.receiver.until { $0.count(target.id) == 1 }
        attempt.cancel()
        #expect(await attempt.value == .acknowledge)
        let job = try world.job(owed)
        #expect((job.status, job.attempt, job.epoch) == (.retrying, 1, 2))
        #expect(job.lastError?.certainty == .ambiguous)
    }

    @Test func `a changed target is delivered to as it stands now`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 2)
        #expect(await world.attempt.run(IncomingJobMessage(owed[0])) == .acknowledge)
        let change = TargetChange(
            configuration: ["url": .string("https://moved.example/")], credentials: ["secret": Secret("new")],
            changedAt: Sample.now)
        world.directory.put(try #require(try await world.ledger.updateTarget(target.id, change)))
        // An older revision that arrives late does not bring the old address back.
        world.directory.put(target)
        #expect(await world.attempt.run(IncomingJobMessage(owed[1])) == .acknowledge)
        let urls = world.receiver.seen.deliveries.map { $0.target.configuration["url"]?.stringValue }
        #expect(urls == ["https://receiver.example/", "https://moved.example/"])
        #expect(world.receiver.seen.deliveries.last?.target.credentials["secret"]?.reveal() == "new")
    }
}
