import AMQP
import LocalBroker
import Logging
import NIOPosix
import Testing

/// A running connection to a virtual host of its own on the process's shared broker.
struct TestBroker: Sendable {
    let url: String
    let connection: Connection

    func declareQueue(_ name: String, arguments: FieldTable = [:]) async throws {
        try await connection.withChannel { channel in
            _ = try await channel.declareQueue(name: name, arguments: arguments)
        }
    }

    func messageCount(of queue: String) async throws -> Int {
        try await connection.withChannel { try await $0.declareQueue(name: queue, passive: true).messageCount }
    }

    func consumerCount(of queue: String) async throws -> Int {
        try await connection.withChannel { try await $0.declareQueue(name: queue, passive: true).consumerCount }
    }
}

extension ConsumerGroup {
    /// Reads until that many deliveries have come, handling each as it comes; fewer if the stream ends before.
    func collect(_ count: Int, _ handle: (Delivery) -> Void = { _ in }) async -> [Delivery] {
        guard count > 0 else { return [] }
        var collected: [Delivery] = []
        for await batch in deliveries {
            batch.forEach(handle)
            collected += batch
            if collected.count >= count { break }
        }
        return collected
    }
}

extension Connection {
    /// Waits until the connection's state satisfies the condition.
    func wait(until condition: (ConnectionState) -> Bool) async {
        for await state in states() where condition(state) { return }
    }

    /// Waits for a connection later than the given one.
    func waitForGeneration(after generation: Int) async {
        await wait { state in
            if case .connected(let current) = state { current > generation } else { false }
        }
    }
}

/// Makes virtual hosts one after the other: each is a call into the node, which does not like many at a time.
actor VirtualHosts {
    private static let shared = VirtualHosts()
    private var last: Task<String, any Error>?

    static func fresh() async throws -> String { try await shared.next() }

    private func next() async throws -> String {
        let task = Task { [last] in
            _ = await last?.result
            return try await SharedBroker.freshVirtualHost()
        }
        last = task
        return try await task.value
    }
}

/// Runs the body with a connection that is up, and shuts the connection down after it.
func withBroker<Result: Sendable>(
    url given: String? = nil, configure: (inout ConnectionConfiguration) -> Void = { _ in },
    onConnect: (@Sendable (AMQP.Channel) async throws -> Void)? = nil,
    _ body: @Sendable (TestBroker) async throws -> Result
) async throws -> Result {
    let url: String
    if let given { url = given } else { url = try await VirtualHosts.fresh() }
    var configuration = try ConnectionConfiguration(url: url)
    configure(&configuration)
    let connection = Connection(
        configuration: configuration, eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
        logger: Logger(label: "test"),
        onConnect: onConnect)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await connection.run() }
        defer { group.cancelAll() }
        _ = try #require(await connection.waitUntilConnected())
        return try await body(TestBroker(url: url, connection: connection))
    }
}

extension OutgoingMessage {
    /// A message straight to a queue.
    static func to(_ queue: String, id: String, body: [UInt8] = [], mandatory: Bool = true) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "", routingKey: queue, mandatory: mandatory, properties: MessageProperties(messageID: id),
            body: body)
    }
}
