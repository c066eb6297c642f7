import Distribution
import LocalBroker
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

extension BrokerFaultTests {
    @Test func `that is away when a plan is due gets it once it is back`() async throws {
        let node = try OwnNode.current
        try await TestSystem.with(amqpURL: try await node.createVirtualHost("scheduled")) { system in
            let target = try await system.createTarget()
            try await node.rememberQueues()
            let due = SystemTime().now().adding(milliseconds: 700)
            let plan = Plans.owner(
                key: "scheduled", targets: [target.id], changes: ["scheduledAt": .string(due.iso8601)])
            _ = try await system.ask(plan)
            await node.kill()
            _ = try await system.ready { $0.contains { $0.contains("Connection refused") } }
            // A node takes longer than that to start.
            try await node.restart()
            try await system.becomesReady()
            try await system.events.wait(type: "plan.completed")
            let requests = system.receiver.requests()
            #expect(requests.count == 1)
            #expect(requests.allSatisfy { $0.wallNanoseconds / 1_000_000 >= due.milliseconds })
        }
    }
}
