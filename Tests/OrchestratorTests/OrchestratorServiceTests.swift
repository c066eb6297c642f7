import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

/// The service as it is composed: what it does on its own at the start, after a reconnection and at the end.
@Suite("Orchestrator service", .timeLimit(.minutes(1)))
struct OrchestratorServiceTests {
    private func service(_ world: World) -> OrchestratorService {
        OrchestratorService(ports: world.ports, adapters: world.adapters, settings: world.settings)
    }

    /// Runs the service for as long as the body does, and lets it end.
    /// Runs the service for as long as the body does, and stops it as an operator would.
    private func run(
        _ service: OrchestratorService, in world: World, _ body: () async throws -> Void
    ) async throws {
        let (stop, stopping) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run { for await _ in stop {} } }
            defer { group.cancelAll() }
            try await body()
            stopping.finish()
            // The last events are waited for by the clock.
            group.addTask {
                while !Task.isCancelled {
                    world.broker.advance(by: 1)
                    await Task.yield()
                }
            }
            try await group.next()
        }
    }

    @Test func `a start goes on where an earlier process died`() async throws {
        let died = World()
        let target = try await died.addTarget(isOpen: true)
        let owed = try await died.owe(plans: 2)
        died.receiver.hold(target.id)
        var left: World?
        try await died.run([.dispatcher]) {
            _ = await died.broker.publish(jobs: [owed[0].outgoing])
            await died.receiver.until { $0.count(target.id) == 1 }
            left = World(ledger: died.ledger.crash(), broker: died.broker.crash(), time: died.time)
        }
        let world = try #require(left)
        let service = service(world)
        try await run(service, in: world) {
            await world.ledger.until { tables in
                tables.plans.allSatisfy { $0.plan.status == .succeeded } && tables.events.isEmpty
            }
        }
        let attempts = world.ledger.inspect { $0.jobs.map { $0.attempts.map(\.attempt.certainty) } }
        #expect(attempts == [[.ambiguous, .accepted], [.accepted]])
        let kinds = world.broker.record.events.map(\.routingKey)
        #expect(kinds.count { $0 == "distribution.1.job.succeeded" } == 2)
        #expect(kinds.count { $0 == "distribution.1.plan.completed" } == 2)
    }

    @Test func `a reconnection publishes what is owed without being asked`() async throws {
        let world = World()
        let target = try await world.addTarget()
        world.broker.disconnect("the broker restarts")
        let service = service(world)
        try await run(service, in: world) {
            // The confirm of the event that tells of the target is waited for.
            await world.time.waitForSleepers()
            #expect(service.health.obstacles == ["broker disconnected: the broker restarts"])
            _ = try await service.useCases.submitPlan(Sample.planRequest())
            await world.broker.until { $0.jobs.count == 1 }
            world.broker.connect()
            // Without a queue the job is an orphan first, which has the queue opened.
            await world.ledger.until { $0.jobs[0].job.status == .succeeded }
            #expect(service.health.isReady)
        }
        #expect(world.receiver.seen.count(target.id) == 1)
        #expect(service.health.obstacles == ["stopping"])
    }
}
