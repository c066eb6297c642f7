import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("A ledger in trouble", .timeLimit(.minutes(1)))
struct LedgerGateTests {
    private let world = World()

    private func code(_ body: () async throws(Refusal) -> Void) async -> Refusal? {
        do throws(Refusal) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func `many who wait cost one try at a time, and all go on once it answers`() async throws {
        world.ledger.becomeUnavailable("the disk is full", as: .full)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    _ = try await world.gate.persist { () throws(LedgerError) in
                        try await world.ledger.createTarget(LedgerScenario.newTarget("\(number)"))
                    }
                }
            }
            for tries in 0..<3 {
                await world.time.waitForSleepers()
                #expect(world.ledger.probes == tries)
                await world.pass(2_000)
            }
            await world.time.waitForSleepers()
            world.ledger.recover()
            await world.pass(2_000)
            try await group.waitForAll()
        }
        #expect(world.ledger.probes == 4)
        #expect(world.ledger.inspect { $0.liveTargets.count } == 50)
        #expect(world.health.ledgerRemediation == nil)
        #expect(world.gate.failure == nil)
    }

    @Test func `the outcome in hand is written before anything new begins`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 2)
        world.receiver.hold(target.id)
        _ = await world.broker.publish(jobs: [owed[0].outgoing])
        try await world.run([.dispatcher]) {
            await world.receiver.until { $0.count(target.id) == 1 }
            world.ledger.becomeUnavailable()
            // The second job's message comes first to the gate, and leads.
            _ = await world.broker.publish(jobs: [owed[1].outgoing])
            await world.time.waitForSleepers()
            world.receiver.release(target.id)
            await world.pass(2_000)
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            #expect(world.receiver.seen.count(target.id) == 1)
            world.ledger.recover()
            async let inOrder: Void = world.ledger.until {
                $0.jobs[0].job.status == .succeeded && $0.jobs[1].job.status == .queued
            }
            await world.pass(2_000)
            await inOrder
            await world.broker.until { $0.acknowledged(.jobs).count == 2 }
        }
        #expect(world.receiver.seen.count(target.id) == 2)
    }

    @Test func `callers who would write are refused at once and told why; who reads gets an answer`() async throws {
        try await world.addTarget()
        let useCases = world.useCases
        world.ledger.failNext(.accept)
        let first = await code { () throws(Refusal) in _ = try await useCases.submitPlan(Sample.planRequest()) }
        #expect(first?.code == .ledgerUnavailable)
        // It is not asked again before it was tried out.
        var input = TargetInput()
        (input.name, input.channelType) = ("shop", .webhook)
        input.configuration = ["url": .string("https://receiver.example/")]
        let wanted = input
        let second = await code { () throws(Refusal) in
            _ = try await useCases.createTarget(wanted, domainID: World.domain)
        }
        #expect(second?.code == .ledgerUnavailable)
        #expect(second?.context["cause"] == "other")
        #expect(second?.remediation == Remediation.sentence(for: .other))
        #expect(world.health.obstacles.contains { $0.hasPrefix("ledger unavailable") })
        #expect(try await useCases.targets(domainID: World.domain, Page()).count == 1)
        // Nobody waits: the gate itself tries.
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await world.gate.run() }
            await world.pass(2_000)
            while world.gate.failure != nil, !Task.isCancelled { await Task.yield() }
            group.cancelAll()
        }
        #expect(!world.health.obstacles.contains { $0.hasPrefix("ledger") })
        #expect(try await !useCases.submitPlan(Sample.planRequest()).isRepetition)
    }

    @Test func `what came in and has waited for ten minutes goes back to its queue`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try #require(try await world.owe().first)
        world.ledger.becomeUnavailable()
        async let settlement = world.attempt.run(IncomingJobMessage(owed))
        for _ in 0..<2 { await world.pass(300_000) }
        #expect(await settlement == .giveBack)
        #expect(world.receiver.seen.count(target.id) == 0)
    }

    @Test func `a service that stops waits for nothing but outcomes`() async throws {
        try await world.addTarget()
        world.ledger.becomeUnavailable()
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan())
            await world.time.waitForSleepers()
            world.gate.close()
            await world.pass(2_000)
            await world.broker.until { !$0.settled.isEmpty }
        }
        #expect(world.broker.record.settled.allSatisfy { !$0.isAcknowledged })
    }

    @Test func `trouble that lasts has queues closed and what waits given back, and all comes when it is over`()
        async throws
    {
        let world = World(settings: OrchestratorSettings(concurrency: 1))
        let target = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 4)
        try await world.ledger.confirm(jobs: owed.map(\.published))
        world.receiver.hold(target.id)
        let service = OrchestratorService(ports: world.ports, adapters: world.adapters, settings: world.settings)
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            defer { group.cancelAll() }
            _ = await world.broker.publish(jobs: owed.map(\.outgoing))
            await world.receiver.until { $0.count(target.id) == 1 }
            world.ledger.becomeUnavailable()
            world.receiver.release(target.id)
            // All but the one whose outcome is in hand.
            await pass(world) { $0.queues[target.queue].map { $0.prefetch == nil && $0.ready.count == 3 } ?? false }
            #expect(service.health.obstacles.contains { $0.hasPrefix("ledger unavailable") })
            world.ledger.recover()
            await pass(world) { $0.acknowledged(.jobs).count == 4 }
            #expect(service.health.isReady)
        }
        #expect(world.receiver.seen.count(target.id) == 4)
        #expect(world.ledger.inspect { $0.jobs.allSatisfy { $0.job.status == .succeeded } })
    }

    /// Lets time pass until the broker has seen it.
    private func pass(_ world: World, until condition: (InMemoryBroker.Record) -> Bool) async {
        while !condition(world.broker.record) {
            await Task.yield()
            world.broker.advance(by: 20)
        }
    }
}
