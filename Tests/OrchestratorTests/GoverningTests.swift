import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Governing", .timeLimit(.minutes(1)))
struct GoverningTests {
    private func publish(_ jobs: [OwedJob], _ world: World) async {
        _ = await world.broker.publish(jobs: jobs.map(\.outgoing))
    }

    private func throttled(_ seconds: Int64) -> DeliveryResult.Outcome {
        .rejected(statusCode: 429, retryAfter: RetryAfter(milliseconds: seconds * 1_000))
    }

    @Test func `a target that asks for it is left alone with all its jobs, and no attempt is used up`() async throws {
        let world = World(settings: OrchestratorSettings(concurrency: 1))
        let target = try await world.addTarget(
            retry: RetryPolicy(schedule: .explicit([]), jitter: 0), isOpen: true)
        let other = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 4, to: [target])
        world.receiver.answerNext(target.id, throttled(5))
        try await world.run([.dispatcher, .releaser, .queues]) {
            await world.broker.until { $0.queues[target.queue] != nil && $0.queues[other.queue] != nil }
            await publish(owed, world)
            await world.broker.until { $0.settled.count == 4 }
            // The one that was told so went to the ladder, the others back to the head of their queue.
            let queue = try #require(world.broker.record.queues[target.queue])
            #expect(queue.ready.compactMap { try? $0.claim.get().jobID } == owed.dropFirst().map(\.claim.jobID))
            #expect((queue.prefetch, queue.inHand) == (nil, 0))
            #expect(world.directory.target(target.id)?.pause?.until == world.time.now().adding(milliseconds: 5_000))
            // Others don't notice.
            await publish(try await world.owe(to: [other]), world)
            await world.receiver.until { $0.count(other.id) == 1 }
            await world.pass(4_999)
            #expect(world.receiver.seen.count(target.id) == 1)
            await world.time.waitForSleepers()
            await world.pass(1)
            await world.ledger.until { $0.plans.allSatisfy { $0.plan.status == .succeeded } }
        }
        #expect(world.receiver.seen.count(target.id) == 5)
        #expect(world.receiver.seen.mostInFlight[target.id] == 1)
        #expect(try world.job(owed[0]).scheduleStep == 1)
        #expect(world.owedEvents().count { $0.hasSuffix("target.paused") } == 1)
    }

    @Test func `a pause outlives the process`() async throws {
        let world = World()
        let target = try await world.addTarget()
        let owed = try await world.owe()
        world.receiver.answerNext(target.id, throttled(3_600))
        try await world.run([.dispatcher, .queues]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            await publish(owed, world)
            await world.ledger.until { $0.liveTargets.allSatisfy { $0.pause != nil } }
        }
        let later = World(ledger: world.ledger, time: world.time)
        for target in try await later.ledger.allTargets() { later.directory.put(target) }
        try await later.run([.dispatcher, .queues, .releaser]) {
            await later.broker.until { $0.queues[target.queue] != nil }
            #expect(later.broker.record.queues[target.queue]?.prefetch == nil)
            later.releaser.sweepLedger()
            await later.broker.until { $0.jobs.count == 1 }
            await later.time.waitForSleepers()
            await later.pass(3_600_000)
            await later.ledger.until { $0.plans.allSatisfy { $0.plan.status == .succeeded } }
        }
        #expect(later.receiver.seen.count(target.id) == 1)
    }

    @Test func `the end of a pause is told once, also where the process ends with it`() async throws {
        let world = World()
        let target = try await world.addTarget()
        func pauses(_ world: World, milliseconds: Int64) async throws {
            let pause = TargetPause(until: world.time.now().adding(milliseconds: milliseconds), reason: "why")
            _ = try await world.useCases.pauseTarget(target.id, pause, domainID: World.domain)
        }
        try await world.run([.queues]) {
            try await pauses(world, milliseconds: 5_000)
            await world.broker.until { $0.queues[target.queue] != nil }
            await world.time.waitForSleepers()
            await world.pass(5_000)
            await world.ledger.until { $0.liveTargets.allSatisfy { $0.pause == nil } }
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            #expect(world.directory.target(target.id)?.pause == nil)
            try await pauses(world, milliseconds: 5_000)
            await world.broker.until { $0.queues[target.queue]?.prefetch == nil }
        }
        // The process ends in the pause, and the next one starts after it.
        world.time.advance(by: 5_000)
        let later = World(ledger: world.ledger, time: world.time)
        for target in try await later.ledger.allTargets() { later.directory.put(target) }
        try await later.run([.queues]) {
            await later.broker.until { $0.queues[target.queue]?.prefetch != nil }
        }
        #expect(
            later.owedEvents()
                == ["1.target.paused", "1.target.resumed", "1.target.paused", "1.target.resumed"])
    }

    @Test func `a pause that ends while a process still opens its queue is told to have ended`() async throws {
        let world = World()
        let target = try await world.addTarget()
        let pause = TargetPause(until: world.time.now().adding(milliseconds: 5_000), reason: "why")
        _ = try await world.useCases.pauseTarget(target.id, pause, domainID: World.domain)
        let later = World(ledger: world.ledger, time: world.time)
        for target in try await later.ledger.allTargets() { later.directory.put(target) }
        later.broker.refuseQueues(of: [target.id])
        try await later.run([.queues]) {
            await later.time.waitForSleepers()
            later.broker.refuseQueues(of: [])
            await later.pass(5_000)
            await later.broker.until { $0.queues[target.queue]?.prefetch != nil }
            await later.ledger.until { $0.liveTargets.allSatisfy { $0.pause == nil } }
        }
        #expect(later.owedEvents() == ["1.target.paused", "1.target.resumed"])
    }

    @Test func `an open circuit outlives the process`() async throws {
        let world = World()
        let target = try await world.addTarget(
            maxInFlight: 1, retry: RetryPolicy(schedule: .explicit([]), jitter: 0))
        let owed = try await world.owe(plans: 12)
        let timeout = DeliveryResult.Outcome.failed(code: .timeout, message: "No answer.", certainty: .ambiguous)
        world.receiver.answerNext(target.id, Array(repeating: timeout, count: 10))
        try await world.run([.dispatcher, .queues]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            await publish(Array(owed.prefix(10)), world)
            await world.ledger.until { $0.liveTargets.allSatisfy { $0.circuit != nil } }
        }
        let later = World(ledger: world.ledger, time: world.time)
        for target in try await later.ledger.allTargets() { later.directory.put(target) }
        #expect(later.useCases.openCircuits() == [target.id])
        try await later.run([.dispatcher, .queues]) {
            await later.broker.until { $0.queues[target.queue] != nil }
            await publish(Array(owed.suffix(2)), later)
            await later.time.waitForSleepers()
            await later.pass(29_999)
            #expect(later.receiver.seen.count(target.id) == 0)
            await later.pass(1)
            await later.receiver.until { $0.count(target.id) == 2 }
            await later.broker.until { $0.acknowledged(.jobs).count == 2 }
        }
        #expect(later.useCases.openCircuits().isEmpty)
        #expect(try await later.ledger.allTargets().map(\.circuit) == [nil])
    }

    @Test func `resuming a target forgets its open circuit for good`() async throws {
        let world = World()
        let target = try await world.addTarget(
            maxInFlight: 1, retry: RetryPolicy(schedule: .explicit([]), jitter: 0))
        let owed = try await world.owe(plans: 10)
        let timeout = DeliveryResult.Outcome.failed(code: .timeout, message: "No answer.", certainty: .ambiguous)
        world.receiver.answerNext(target.id, Array(repeating: timeout, count: 10))
        try await world.run([.dispatcher, .queues]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            await publish(owed, world)
            await world.ledger.until { $0.liveTargets.allSatisfy { $0.circuit != nil } }
            _ = try await world.useCases.resumeTarget(target.id, domainID: World.domain)
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
        }
        #expect(try await world.ledger.allTargets().map(\.circuit) == [nil])
    }

    @Test func `a target that does not answer is asked one probe at a time`() async throws {
        let world = World()
        let target = try await world.addTarget(
            maxInFlight: 1, retry: RetryPolicy(schedule: .explicit([]), jitter: 0))
        let owed = try await world.owe(plans: 14)
        let timeout = DeliveryResult.Outcome.failed(code: .timeout, message: "No answer.", certainty: .ambiguous)
        world.receiver.answerNext(target.id, Array(repeating: timeout, count: 11))
        try await world.run([.dispatcher, .queues]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            await publish(owed, world)
            await world.broker.until { $0.queues[target.queue]?.prefetch == nil }
            #expect(world.receiver.seen.count(target.id) == 10)
            #expect(world.useCases.openCircuits() == [target.id])
            await world.time.waitForSleepers()
            await world.pass(30_000)
            await world.receiver.until { $0.count(target.id) == 11 }
            await world.broker.until { $0.queues[target.queue]?.prefetch == nil }
            await world.time.waitForSleepers()
            await world.pass(59_999)
            #expect(world.receiver.seen.count(target.id) == 11)
            await world.pass(1)
            await world.receiver.until { $0.count(target.id) == 14 }
            await world.broker.until { $0.acknowledged(.jobs).count == 14 }
        }
        #expect(world.useCases.openCircuits().isEmpty)
    }

    @Test func `an operator's pause holds a target until it is resumed, and its jobs wait`() async throws {
        let world = World()
        let target = try await world.addTarget()
        let owed = try await world.owe()
        try await world.run([.dispatcher, .queues]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            let pause = TargetPause(until: nil, reason: "maintenance")
            _ = try await world.useCases.pauseTarget(target.id, pause, domainID: World.domain)
            await world.broker.until { $0.queues[target.queue]?.prefetch == nil }
            await publish(owed, world)
            world.broker.advance(by: 86_400_000)
            #expect(world.receiver.seen.count(target.id) == 0)
            let job = try await world.useCases.job(owed[0].claim.jobID, domainID: World.domain)
            #expect(WaitReason(job.summary, now: world.time.now(), openCircuits: []) == .targetPaused)
            _ = try await world.useCases.resumeTarget(target.id, domainID: World.domain)
            await world.receiver.until { $0.count(target.id) == 1 }
        }
        #expect(world.owedEvents().filter { $0.contains("target.") } == ["1.target.paused", "1.target.resumed"])
    }

    @Test func `a pause that ends before it begins is refused, and a rehearsed one changes nothing`() async throws {
        let world = World()
        let target = try await world.addTarget()
        let over = TargetPause(until: world.time.now(), reason: "late")
        let refused = await refusal {
            _ = try await world.useCases.pauseTarget(target.id, over, domainID: World.domain)
        }
        #expect(refused?.code == .validationError)
        let pause = TargetPause(until: nil, reason: "maintenance")
        _ = try await world.useCases.pauseTarget(target.id, pause, domainID: World.domain, isRehearsal: true)
        #expect(world.directory.target(target.id)?.pause == nil)
        let foreign = await refusal {
            _ = try await world.useCases.pauseTarget(target.id, pause, domainID: DomainID(2))
        }
        #expect(foreign?.code == .targetNotFound)
    }

    @Test func `a rate limit spaces a target's attempts`() async throws {
        let world = World()
        let target = try await world.addTarget()
        let limit = DeliverySettings(rateLimit: RateLimit(perSecond: 2, burst: 3))
        let change = TargetChange(delivery: limit, changedAt: Sample.now)
        world.directory.put(try #require(try await world.ledger.updateTarget(target.id, change)))
        let owed = try await world.owe(plans: 6)
        try await world.run([.dispatcher, .queues]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            await publish(owed, world)
            await world.receiver.until { $0.count(target.id) == 3 }
            for count in 4...6 {
                await world.time.waitForSleepers()
                await world.pass(499)
                #expect(world.receiver.seen.count(target.id) == count - 1)
                await world.pass(1)
                await world.receiver.until { $0.count(target.id) == count }
            }
            await world.broker.until { $0.acknowledged(.jobs).count == 6 }
        }
    }

    @Test func `a target without a success for five days is disabled, and told of`() async throws {
        let world = World()
        let target = try await world.addTarget(
            retry: RetryPolicy(schedule: .explicit([300_000, 432_000_000]), jitter: 0))
        let owed = try await world.owe()
        let refusal = DeliveryResult.Outcome.rejected(statusCode: 404, retryAfter: nil)
        world.receiver.answerNext(target.id, Array(repeating: refusal, count: 3))
        try await world.run([.dispatcher, .queues, .releaser]) {
            await world.broker.until { $0.queues[target.queue]?.prefetch != nil }
            await publish(owed, world)
            for (count, wait) in [(1, 300_000), (2, 432_000_000)] as [(Int, Int64)] {
                await world.receiver.until { $0.count(target.id) == count }
                await world.broker.until { $0.queues.delayed.count == 1 }
                world.broker.advance(by: wait)
            }
            await world.broker.until { $0.queues[target.queue]?.prefetch == nil }
        }
        #expect(world.directory.target(target.id)?.isActive == false)
        #expect(world.owedEvents().contains("1.target.disabled"))
    }
}
