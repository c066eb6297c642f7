import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("A backlog", .serialized, .timeLimit(.minutes(2)))
struct BacklogTests {
    private static let targets = 5
    private static let plans = 400
    private static let concurrency = 4

    @Test func `of thousands of jobs waits at the broker, and few of them in memory`() async throws {
        try await TestSystem.with(configure: { $0.concurrency = Self.concurrency }) { system in
            var ids: [TargetID] = []
            for number in 0..<Self.targets {
                ids.append(try await system.createTarget(path: "/delay/3/\(number)").id)
            }
            let publisher = system.client.makePublisher()
            let messages = (0..<Self.plans).map { number in
                OutgoingMessage(
                    exchange: "distribution.plans", routingKey: "plan.requested",
                    body: JSON.object(Plans.owner(key: "backlog-\(number)", targets: ids)).serialized())
            }
            #expect(await publisher.publish(messages).allSatisfy { $0 == .confirmed })
            let jobs = Self.plans * Self.targets
            var looks = 0
            while system.receiver.count() < jobs {
                let delivered = system.receiver.count()
                let totals = try await system.service.useCases.totals()
                guard totals.jobs.total == jobs, totals.owedJobs == 0 else {
                    await system.receiver.waitForRequests(min(delivered + 50, jobs))
                    continue
                }
                var ready = 0
                for id in ids { ready += try await system.depth("distribution.jobs.webhook.\(id)") }
                // Deliveries between both counts look as if they were in memory.
                let meanwhile = system.receiver.count() - delivered
                let inHand = jobs - delivered - ready - meanwhile
                #expect(inHand <= Self.targets * 16 + Self.concurrency, "\(delivered) \(ready) \(meanwhile)")
                looks += 1
                await system.receiver.waitForRequests(min(delivered + 200, jobs))
            }
            #expect(looks > 0)
            try await system.events.wait(for: Self.plans, type: "plan.completed")
            #expect(system.receiver.count() == jobs)
            #expect(system.receiver.distinctDeliveries == jobs)
        }
    }
}
