import AMQP
import LocalBroker
import Logging
import NIOPosix
import Synchronization
import Testing

/// A node of its own, so that it can be tormented; one test after the other.
@Suite("Connections that break", .serialized, .timeLimit(.minutes(2)))
struct ConnectionFaultTests {
    @Test func `nothing is lost when the broker closes all connections, dies, freezes or blocks`() async throws {
        let node = try await PrivateBroker.startTemporary(logger: Logger(label: "node"))
        do {
            try await survivesClosing(node)
            try await waitsWhileBlocked(node)
            try await noticesFreezing(node)
            try await survivesKilling(node)
        } catch {
            await node.stop(removingDirectory: true)
            throw error
        }
        await node.stop(removingDirectory: true)
    }

    private func survivesClosing(_ node: PrivateBroker) async throws {
        let url = try await node.createVirtualHost("closing")
        try await withBroker(url: url, onConnect: { _ = try await $0.declareQueue(name: "q") }) { broker in
            let traffic = Traffic(broker.connection)
            try await traffic.run { generation in
                _ = try await node.rabbitmqctl(["close_all_connections", "--vhost", "closing", "test"])
                await broker.connection.waitForGeneration(after: generation)
            }
        }
    }

    private func survivesKilling(_ node: PrivateBroker) async throws {
        let url = try await node.createVirtualHost("killing")
        let declare: @Sendable (AMQP.Channel) async throws -> Void = {
            _ = try await $0.declareQueue(name: "q", arguments: ["x-queue-type": "classic"])
        }
        try await withBroker(url: url, onConnect: declare) { broker in
            let traffic = Traffic(broker.connection)
            try await traffic.run(rounds: 1) { generation in
                await node.kill()
                await broker.connection.wait { if case .connecting = $0 { true } else { false } }
                #expect(await broker.connection.makePublisher().publish(.to("q", id: "down")) == .lost)
                await #expect(throws: AMQPError.notConnected) { try await broker.connection.withChannel { _ in } }
                let group = broker.connection.makeConsumerGroup(name: "down")
                await #expect(throws: AMQPError.notConnected) {
                    try await group.add(queue: "q", consumerTag: "x", prefetch: 1)
                }
                try await node.restart()
                await broker.connection.waitForGeneration(after: generation)
            }
        }
    }

    private func noticesFreezing(_ node: PrivateBroker) async throws {
        let url = try await node.createVirtualHost("freezing")
        try await withBroker(url: url, configure: { $0.heartbeatSeconds = 1 }) { broker in
            try await broker.declareQueue("q")
            node.suspend()
            let publisher = broker.connection.makePublisher()
            #expect(await publisher.publish(.to("q", id: "1")) == .lost)
            await broker.connection.wait { state in
                if case .connecting(_, let error?) = state { error.description.contains("heartbeat") } else { false }
            }
            node.resume()
            await broker.connection.waitForGeneration(after: 1)
        }
    }

    private func waitsWhileBlocked(_ node: PrivateBroker) async throws {
        let url = try await node.createVirtualHost("blocking")
        try await withBroker(url: url) { broker in
            try await broker.declareQueue("q")
            let publisher = broker.connection.makePublisher()
            _ = try await node.rabbitmqctl(["set_vm_memory_high_watermark", "0.00001"])
            async let first = publisher.publish((0..<100).map { .to("q", id: "\($0)") })
            await broker.connection.wait { if case .blocked = $0 { true } else { false } }
            async let second = publisher.publish((100..<200).map { .to("q", id: "\($0)") })
            _ = try await node.rabbitmqctl(["set_vm_memory_high_watermark", "0.6"])
            #expect(await first.allSatisfy { $0 == .confirmed })
            #expect(await second.allSatisfy { $0 == .confirmed })
            #expect(broker.connection.state == .connected(generation: 1))
        }
    }

    @Test func `wrong credentials and missing virtual hosts are reported while it keeps trying`() async throws {
        let url = try await VirtualHosts.fresh()
        var wrong = try ConnectionConfiguration(url: url)
        wrong.password = "wrong"
        #expect(try await Self.firstError(wrong).contains("refused the login"))
        wrong = try ConnectionConfiguration(url: url)
        wrong.virtualHost = "missing"
        #expect(try await Self.firstError(wrong).contains("missing"))
        wrong.tls = TLSOptions()
        #expect(try await Self.firstError(wrong).contains("TLS"))
        wrong.tls = TLSOptions(caFile: "/missing.pem")
        #expect(try await Self.firstError(wrong).contains("/missing.pem cannot be read"))
        wrong.tls = nil
        wrong.port = 1
        #expect(try await Self.firstError(wrong).contains("reached"))
    }

    @Test func `what is logged of a failed attempt is the state already`() async throws {
        var configuration = try ConnectionConfiguration(url: "amqp://guest:guest@127.0.0.1:1/")
        configuration.connectTimeoutSeconds = 1
        let observed = StateAtLogging()
        let connection = Connection(
            configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: observed.logger)
        observed.observe(connection)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await connection.run() }
            defer { group.cancelAll() }
            for attempt in 2...4 {
                await connection.wait { if case .connecting(attempt + 1, _?) = $0 { true } else { false } }
            }
        }
        let states = observed.states
        #expect(states.count >= 3)
        for (attempt, state) in zip(2..., states) {
            guard case .connecting(attempt, .unreachable) = state else {
                Issue.record("\(state) was the state when attempt \(attempt) was announced")
                continue
            }
        }
    }

    @Test func `an attempt fails with what onConnect throws`() async throws {
        let configuration = try ConnectionConfiguration(url: try await VirtualHosts.fresh())
        let error = try await Self.firstError(configuration) { channel in
            _ = try await channel.declareQueue(name: "missing", passive: true)
        }
        #expect(error.contains("404"))
    }

    @Test func `cancellation closes everything and finishes every stream`() async throws {
        let configuration = try ConnectionConfiguration(url: try await VirtualHosts.fresh())
        let connection = Connection(
            configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test"))
        let group = connection.makeConsumerGroup(name: "g")
        let publisher = connection.makePublisher()
        await withTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await connection.run() }
            #expect(await connection.waitUntilConnected() == 1)
            tasks.cancelAll()
        }
        #expect(connection.state == .closed)
        for await _ in group.deliveries {}
        for await _ in group.events {}
        for await state in connection.states() { #expect(state == .closed) }
        #expect(await publisher.publish(.to("q", id: "1")) == .lost)
    }

    static func firstError(
        _ configuration: ConnectionConfiguration, onConnect: (@Sendable (AMQP.Channel) async throws -> Void)? = nil
    ) async throws -> String {
        let connection = Connection(
            configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test"), onConnect: onConnect)
        return await withTaskGroup(of: Void.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask { await connection.run() }
            for await state in connection.states() {
                if case .connecting(3, let error?) = state { return error.description }
            }
            return ""
        }
    }
}
