import BrokerRabbitMQ
import ServiceLifecycle

/// Keeps the broker's connections for as long as anything else runs: it stops after the orchestrator.
struct BrokerConnections: Service {
    let broker: RabbitMQBroker

    func run() async throws {
        await cancelWhenGracefulShutdown { await broker.run() }
    }
}
