import AMQP
import Distribution
import LocalBroker
import Logging
import NIOPosix
import Synchronization
import Testing

@testable import BrokerRabbitMQ

/// A running broker port on a virtual host of its own, and a raw client beside it to look at the same things.
struct BrokerHarness: Sendable {
    let url: String
    let broker: RabbitMQBroker
    let raw: Connection
    let plans: Inbox<IncomingPlanMessage>
    let jobs: Inbox<IncomingJobMessage>
    let orphans: Inbox<IncomingJobMessage>

    init(url: String, broker: RabbitMQBroker, raw: Connection) {
        self.url = url
        self.broker = broker
        self.raw = raw
        plans = Inbox(broker.planMessages)
        jobs = Inbox(broker.jobMessages)
        orphans = Inbox(broker.orphanedJobs)
    }

    var names: ObjectNames { broker.topology.names }

    /// Fetches and acks the next message of a queue as it is on the wire.
    func fetch(_ queue: String) async throws -> Delivery {
        let delivery = try await raw.withChannel { channel in
            let delivery = try await channel.get(queue: queue)
            delivery?.ack()
            // A call answered after the ack proves that the ack was taken.
            _ = try await channel.declareQueue(name: queue, passive: true)
            return delivery
        }
        return try #require(delivery, "\(queue) is empty")
    }

    /// The same, reduced to the properties that its publisher gave it, headers in the order of their names.
    func fetchAsPublished(_ queue: String) async throws -> (routingKey: String, MessageProperties, body: [UInt8]) {
        let delivery = try await fetch(queue)
        var properties = delivery.properties
        // A quorum queue counts deliveries in a header.
        properties.headers["x-delivery-count"] = nil
        return (delivery.routingKey, properties.sorted, delivery.body)
    }

    func messageCount(_ queue: String) async throws -> Int {
        try await raw.withChannel { try await $0.declareQueue(name: queue, passive: true).messageCount }
    }

    /// Publishes as a stranger would.
    func publishRaw(_ message: OutgoingMessage) async {
        #expect(await raw.makePublisher().publish(message) == .confirmed)
    }

    func waitUntilConnected() async {
        for await health in broker.health() { if case .connected = health { return } }
    }

    func waitUntilDisconnected() async {
        for await health in broker.health() { if case .disconnected = health { return } }
    }
}

/// Runs the body beside a running broker port that is connected, and shuts both down after it.
func withBrokerPort<Result: Sendable>(
    url given: String? = nil, configure: (inout RabbitMQBrokerConfiguration) -> Void = { _ in },
    _ body: @Sendable (BrokerHarness) async throws -> Result
) async throws -> Result {
    let url: String
    if let given { url = given } else { url = try await freshVirtualHost() }
    var configuration = try RabbitMQBrokerConfiguration(url: url, instance: "test")
    // Six levels, 6.3 s: enough for these tests and a third of the queues to declare.
    configuration.ladder = DelayLadder(levels: 6, unitMilliseconds: 100)
    configure(&configuration)
    var logger = Logger(label: "test")
    logger.logLevel = .error
    let group = MultiThreadedEventLoopGroup.singleton
    let harness = BrokerHarness(
        url: url,
        broker: RabbitMQBroker(configuration: configuration, eventLoopGroup: group, logger: logger),
        raw: Connection(
            configuration: try ConnectionConfiguration(url: url), eventLoopGroup: group, logger: logger)
    )
    return try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { await harness.broker.run() }
        tasks.addTask { await harness.raw.run() }
        defer { tasks.cancelAll() }
        await harness.waitUntilConnected()
        for await state in harness.raw.states() { if case .connected = state { break } }
        return try await body(harness)
    }
}

extension MessageProperties {
    /// With the headers in the order of their names.
    var sorted: MessageProperties {
        var sorted = self
        sorted.headers = [:]
        for field in headers.sorted(by: { $0.name < $1.name }) { sorted.headers[field.name] = field.value }
        return sorted
    }
}

private let gate = KeyedGate()
private let hosts = Atomic(0)

/// The AMQP URL of a new virtual host.
func freshVirtualHost() async throws -> String {
    try await makeVirtualHost("broker-\(hosts.add(1, ordering: .relaxed).newValue)")
}

/// The AMQP URL of a virtual host on the shared node.
///
/// The node takes one remote call at a time and refuses one that comes while it still holds the last; making a virtual
/// host again is harmless.
func makeVirtualHost(_ name: String) async throws -> String {
    let node = try await SharedBroker.instance()
    return try await gate.run("") { () async throws(LocalBrokerError) in
        for _ in 0..<20 {
            do throws(LocalBrokerError) {
                return try await node.createVirtualHost(name)
            } catch {
                continue
            }
        }
        return try await node.createVirtualHost(name)
    }
}
