import AMQP
import Logging
import NIOPosix

/// A connection of our own, for as long as the body runs.
enum BrokerClient {
    static func with<Value: Sendable>(
        _ url: String, _ body: @escaping @Sendable (Connection) async throws -> Value
    ) async throws -> Value {
        var logger = Logger(label: "system-test-client")
        logger.logLevel = .critical
        let client = Connection(
            configuration: try ConnectionConfiguration(url: url),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        return try await withThrowingTaskGroup(of: Void.self) { background in
            background.addTask { await client.run() }
            defer { background.cancelAll() }
            _ = await client.waitUntilConnected()
            return try await body(client)
        }
    }
}
