import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Scheduled plans", .timeLimit(.minutes(1)))
struct ScheduleTests {
    private let world = World()

    private func later(_ milliseconds: Int64) -> Timestamp { Sample.now.adding(milliseconds: milliseconds) }

    @discardableResult
    private func submit(_ key: String, at time: Timestamp, _ policy: Policy = Sample.policy()) async throws -> PlanID {
        let request = Sample.planRequest(idempotencyKey: key, scheduledAt: time, policy: policy)
        return try await world.submission.submit(request, userID: nil, from: .caller).planID
    }

    /// Published and noted so.
    private func untilPublished(_ count: Int) async {
        await world.ledger.until { $0.jobs.count { $0.job.publishedEpoch == $0.job.epoch } == count }
    }

    /// Until the releaser sleeps for the next time, and moves the clock.
    private func pass(_ milliseconds: Int64) async {
        await world.time.waitForSleepers()
        world.time.advance(by: milliseconds)
    }

    private var published: [JobID] { world.broker.record.jobs.map(\.claim.jobID) }

    @Test func `jobs wait in the ledger and leave when due, and never into the ladder`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            for number in 0..<300 { try await submit("plan \(number)", at: later(60_000)) }
            await pass(59_999)
            await world.time.waitForSleepers()
            #expect(published.isEmpty)
            world.time.advance(by: 1)
            await untilPublished(300)
        }
        #expect(published.sorted() == (1...300).map { JobID($0) })
        #expect(world.broker.record.jobs.allSatisfy { $0.delayMilliseconds == 0 && $0.claim.epoch == 1 })
        #expect(world.broker.record.jobBatches.map(\.count).sorted() == [44, 128, 128])
    }

    @Test func `an earlier plan that comes later leaves first`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            try await submit("late", at: later(864_000_000))
            try await submit("early", at: later(10_000))
            await pass(10_000)
            await untilPublished(1)
            await pass(863_990_000)
            await untilPublished(2)
        }
        #expect(published == [JobID(2), JobID(1)])
    }

    @Test func `a plan whose time passes while it is accepted leaves at once`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            try await submit("first", at: later(20_000))
            await pass(20_000)
            await untilPublished(1)
            // In the ledger for a time that was looked at before it was there.
            let request = Sample.planRequest(idempotencyKey: "slow", scheduledAt: later(15_000))
            let prepared = try world.preparation.prepare(
                request, requestDigest: LedgerScenario.digest("slow"), userID: nil, at: later(14_000))
            guard case .created = try await world.ledger.accept(prepared) else {
                throw ScenarioFailure("the plan was not created")
            }
            world.releaser.announce(jobsFor: prepared.dueAt)
            await untilPublished(2)
        }
        #expect(published == [JobID(1), JobID(2)])
    }

    @Test func `what became due while nobody was there leaves at the start, in the order of the times`() async throws {
        let target = try await world.addTarget()
        for number in 0..<200 { try await submit("plan \(number)", at: later(Int64(1_000 + (number * 7) % 50))) }
        let next = World(ledger: world.ledger.crash(), time: world.time)
        try await next.broker.open(target.queue, prefetch: 100)
        world.time.advance(by: 3_600_000)
        try await next.run([.releaser]) {
            await next.ledger.until { $0.jobs.allSatisfy { $0.job.publishedEpoch == 1 } }
        }
        let batches = next.broker.record.jobBatches.sorted { $0.count > $1.count }
        let times = batches.map { batch in
            next.ledger.inspect { tables in batch.compactMap { tables.job($0.claim.jobID)?.job.nextAttemptAt } }
        }
        #expect(times.map(\.count) == [128, 72])
        #expect(times.joined().elementsEqual(times.joined().sorted()))
    }

    @Test func `without a broker at the time they leave once it is back, each once`() async throws {
        let target = try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            for number in 0..<3 { try await submit("plan \(number)", at: later(1_000)) }
            try await submit("other", at: later(5_000))
            await world.time.waitForSleepers()
            world.broker.disconnect()
            world.time.advance(by: 1_000)
            await world.broker.until { $0.jobBatches.count == 1 }
            world.time.advance(by: 10_000)
            world.broker.connect()
            world.releaser.sweepLedger()
            await untilPublished(4)
        }
        #expect(world.broker.record.jobBatches.map(\.count).last == 4)
        let queue = try #require(world.broker.record.queues[target.queue])
        #expect(queue.inHand + queue.ready.count == 4)
    }

    @Test func `what the broker refuses is tried again after a while`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            try await submit("refused", at: later(1_000))
            await world.time.waitForSleepers()
            world.broker.answerNext(.jobs, .refuse)
            world.time.advance(by: 1_000)
            await pass(1_000)
            await untilPublished(1)
        }
        #expect(published == [JobID(1), JobID(1)])
    }

    @Test func `a disabled target's jobs leave once it is enabled, and hold up no other`() async throws {
        let disabled = try await world.addTarget(isOpen: true)
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            try await submit("plan", at: later(1_000))
            try await submit("next", at: later(2_000))
            try await world.disable(disabled.id)
            await pass(1_000)
            await untilPublished(1)
            await pass(1_000)
            await untilPublished(2)
            #expect(published == [JobID(2), JobID(4)])
            let enabled = TargetChange(availability: .enabled, changedAt: world.time.now())
            world.directory.put(try #require(try await world.ledger.updateTarget(disabled.id, enabled)))
            world.releaser.sweepLedger()
            await untilPublished(4)
        }
        #expect(published == [JobID(2), JobID(4), JobID(1), JobID(3)])
    }

    @Test func `a plan that was called off meanwhile sends nothing`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            let plan = try await submit("off", at: later(1_000))
            try await submit("on", at: later(1_000))
            _ = try await world.useCases.cancelPlan(plan, domainID: World.domain)
            await pass(1_000)
            await world.ledger.until { $0.jobs[1].job.publishedEpoch == 1 }
        }
        #expect(published == [JobID(2)])
    }

    @Test func `a licence that ends before the time blocks the job when its time has come`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser, .dispatcher]) {
            try await submit("expired", at: later(2_000), Sample.policy(expiresAt: later(1_500)))
            await pass(2_000)
            await world.ledger.until { $0.jobs[0].job.status == .blocked }
        }
        #expect(world.receiver.seen.deliveries.isEmpty)
    }

    @Test func `the clock is looked at again and again, and no plan leaves early when it is set back`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            try await submit("plan", at: later(7_200_000))
            await world.time.waitForSleepers()
            // Somebody sets it an hour forward; what sleeps by another clock notices when it looks again.
            world.time.set(later(3_600_000))
            await world.time.waitForSleepers()
            world.time.set(later(7_300_000))
            await untilPublished(1)
            // And back: a plan for a time that was seen already comes in time.
            world.time.set(Sample.now)
            try await submit("between", at: later(5_000))
            await pass(4_999)
            await world.time.waitForSleepers()
            #expect(published == [JobID(1)])
            world.time.advance(by: 1)
            await untilPublished(2)
        }
        #expect(published == [JobID(1), JobID(2)])
    }

    @Test func `a ledger that cannot be read at the time is asked again`() async throws {
        try await world.addTarget(isOpen: true)
        try await world.run([.releaser]) {
            try await submit("plan", at: later(1_000))
            await world.time.waitForSleepers()
            world.ledger.failNext(.owed, times: 2)
            world.time.advance(by: 1_000)
            await pass(5_000)
            await pass(5_000)
            await untilPublished(1)
        }
        #expect(published == [JobID(1)])
    }
}
