import AMQP
import BrokerRabbitMQ

/// What the broker's exchanges and queues lack of the topology, found without changing anything.
struct TopologyCheck: Sendable {
    /// Exchanges and queues that do not exist.
    private(set) var missing: [String] = []
    /// What exists with other settings, with the broker's words.
    private(set) var different: [String] = []
    /// What could not be looked at, with the broker's words.
    private(set) var refused: [String] = []

    var isClean: Bool { missing.isEmpty && different.isEmpty && refused.isEmpty }

    init(of topology: Topology, over connection: Connection) async throws {
        for exchange in topology.exchanges {
            try await look(at: "exchange \(exchange.name)", over: connection) { channel in
                try await channel.declareExchange(
                    name: exchange.name, type: exchange.kind.rawValue, passive: true)
                // Arguments are compared only where it exists: an active declaration then creates nothing.
                try await channel.declareExchange(
                    name: exchange.name, type: exchange.kind.rawValue, arguments: exchange.arguments)
            }
        }
        for queue in topology.queues {
            try await look(at: "queue \(queue.name)", over: connection) { channel in
                _ = try await channel.declareQueue(name: queue.name, passive: true)
                _ = try await channel.declareQueue(name: queue.name, arguments: queue.arguments)
            }
        }
    }

    /// Each on a channel of its own, because the broker closes the channel with every "no".
    private mutating func look(
        at thing: String, over connection: Connection, _ question: @Sendable (Channel) async throws -> Void
    ) async throws {
        do {
            try await connection.withChannel(question)
        } catch let error as AMQPError {
            switch error {
            case .channelClosed(404, _): missing.append(thing)
            case .channelClosed(406, let text): different.append("\(thing): \(text)")
            case .channelClosed(403, let text): refused.append("\(thing): \(text)")
            default: throw error
            }
        }
    }
}
