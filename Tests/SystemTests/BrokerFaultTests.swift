import AMQP
import Distribution
import LocalBroker
import LocalReceiver
import Testing

@testable import clawcast

/// What befalls the broker, on one node of its own; each test has a virtual host, counts deliveries by their ids, and
/// leaves the node as it found it.
@Suite("A broker in trouble", .ownNode, .serialized, .timeLimit(.minutes(3)))
struct BrokerFaultTests {
    @Test func `killed in the middle of a thousand deliveries, it costs nothing, and work goes on as it returns`()
        async throws
    {
        let node = try OwnNode.current
        try await TestSystem.with(amqpURL: try await node.createVirtualHost("killed")) { system in
            let targets = try await Crowd.createTargets(on: system, receiver: system.receiver)
            await Crowd.publish(to: targets, over: system.client)
            await system.receiver.waitForRequests(Crowd.deliveries / 3)
            await node.kill()
            // Reset at first, and refused from then on.
            let answer = try await system.ready { $0.contains { $0.contains("Connection refused") } }
            #expect(answer.status == 503)
            #expect(answer.code == "BROKER_UNAVAILABLE")
            #expect(answer.text.contains("Start the broker"))
            #expect(!answer.text.contains(".."))
            #expect(system.receiver.count() < Crowd.deliveries)
            try await node.restart()
            try await system.becomesReady()
            try await Crowd.checkEvents(system.events)
            try Crowd.checkDeliveries(try LedgerFile(system), system.receiver)
            for target in targets {
                #expect(try await system.depth("distribution.jobs.webhook.\(target)") == 0)
            }
            try await system.becomesReady()
        }
    }

    @Test func `that closes all connections costs nothing`() async throws {
        try await Self.interrupted("closed") { node in
            try await node.rabbitmqctl(["close_all_connections", "--vhost", "closed", "an operator says so"])
        }
    }

    @Test func `whose application is stopped and started costs nothing`() async throws {
        try await Self.interrupted("stopped") { node in
            try await node.rabbitmqctl(["stop_app"])
            try await node.rabbitmqctl(["start_app"])
        }
    }

    @Test func `that stands still for longer than the heartbeat costs nothing`() async throws {
        try await Self.interrupted("frozen", query: "?heartbeat=1") { node, system in
            node.suspend()
            let answer = try await system.ready { $0.contains { $0.contains("heartbeats") } }
            node.resume()
            #expect(answer.status == 503)
            #expect(answer.code == "BROKER_UNAVAILABLE")
        }
    }

    // MARK: Support

    private static func interrupted(
        _ name: String, by fault: @escaping @Sendable (PrivateBroker) async throws -> Void
    ) async throws {
        try await interrupted(name) { node, _ in try await fault(node) }
    }

    /// Sends plans before, during and after a fault, and counts what arrives.
    private static func interrupted(
        _ name: String, query: String = "",
        by fault: @escaping @Sendable (PrivateBroker, TestSystem) async throws -> Void
    ) async throws {
        let node = try OwnNode.current
        let url = try await node.createVirtualHost(name) + query
        try await TestSystem.with(amqpURL: url) { system in
            let convoy = try await Convoy.prepare(name, on: system)
            await convoy.send(0..<40, over: system.client)
            await system.receiver.waitForRequests(30)
            // Meanwhile others go on publishing, and try again until the broker has it.
            async let meanwhile: Void = convoy.send(40..<50, over: system.client)
            try await fault(node, system)
            try await system.becomesReady()
            await meanwhile
            await convoy.send(50..<60, over: system.client)
            try await convoy.arrive(60, at: system)
            try await system.becomesReady()
        }
    }
}
