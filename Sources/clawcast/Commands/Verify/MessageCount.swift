import BrokerRabbitMQ
import Distribution
import LocalBroker
import Orchestrator

/// The broker's messages, counted until the system stands still, or for as long as `verify` has patience.
struct MessageCount: Sendable {
    private static let readings = 12
    /// Milliseconds between two readings.
    private static let pause: Int64 = 1_000

    /// nil where no broker could be asked.
    let reading: SystemReading?
    let isQuiet: Bool
    /// Why none could be asked.
    let obstacle: String?

    /// - Returns: Always; a broker that does not answer is no failure, since the ledger can be verified without it.
    static func take(_ check: ConservationCheck, _ configuration: ServiceConfiguration) async -> MessageCount {
        do {
            guard let url = try brokerURL(of: configuration) else {
                return MessageCount(
                    reading: nil, isQuiet: false,
                    obstacle: "no broker is configured, and no private one has been started yet")
            }
            let topology = Topology(namespace: configuration.namespace)
            return try await BrokerVisit.make(to: url, as: "clawcast verify") { connection in
                try await count(check) { try await BrokerCensus(of: $0, topology, over: connection) }
            }
        } catch let failure as CommandFailure {
            return MessageCount(reading: nil, isQuiet: false, obstacle: failure.message)
        } catch {
            return MessageCount(reading: nil, isQuiet: false, obstacle: "\(error)")
        }
    }

    /// The service's own broker is found in its data folder.
    private static func brokerURL(of configuration: ServiceConfiguration) throws(LocalBrokerError) -> Secret? {
        if let url = configuration.amqpURL { return url }
        return try PrivateBroker.amqpURL(inDirectory: configuration.brokerDirectory).map(Secret.init)
    }

    private static func count(
        _ check: ConservationCheck, _ census: @Sendable ([TargetQueue]) async throws -> BrokerCensus
    ) async throws -> MessageCount {
        let time = SystemTime()
        var earlier = try await check.reading(at: time.now(), census: census)
        for _ in 1..<readings {
            try await time.sleep(until: time.now().adding(milliseconds: pause))
            let reading = try await check.reading(at: time.now(), census: census)
            if reading.isQuiet(since: earlier) { return MessageCount(reading: reading, isQuiet: true, obstacle: nil) }
            earlier = reading
        }
        return MessageCount(reading: earlier, isQuiet: false, obstacle: nil)
    }
}
