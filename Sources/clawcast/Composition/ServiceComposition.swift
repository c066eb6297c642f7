import AMQP
import API
import Adapters
import BrokerRabbitMQ
import Distribution
import Egress
import LedgerSQLite
import LocalBroker
import Logging
import NIOCore
import NIOPosix
import Orchestrator
import PrometheusExport
import Sealing
import ServiceLifecycle
import UnixSignals

/// The composition root: opens what the service stands on, wires it, runs it, and closes it in the opposite order.
struct ServiceComposition: Sendable {
    let configuration: ServiceConfiguration
    let logger: Logger
    /// Signals that stop the service gracefully; none where the caller stops it by ``RunningService/stop``.
    var gracefulShutdownSignals: [UnixSignal] = []
    /// Set where the process is to die at a boundary, for tests.
    var crashPoints: (any CrashPoints)?
    /// Changes what no operator sets; for tests, which cannot wait.
    var adjustSettings: @Sendable (inout OrchestratorSettings) -> Void = { _ in }

    /// Runs the service until it is told to stop, and returns when everything is closed.
    ///
    /// - Parameter onReady: Called once, when the API listens and the broker is connected; runs beside the service.
    /// - Throws: What kept it from starting, or what made it fail.
    func run(onReady: @escaping @Sendable (RunningService) async -> Void = { _ in }) async throws {
        let exporter = MetricsExport.shared
        let storage = try Storage(configuration, logger: logger, crashPoints: crashPoints)
        let outcome = await Self.outcome {
            let privateBroker = try await startPrivateBroker()
            let amqpURL = Secret(privateBroker?.amqpURL ?? configuration.amqpURL?.reveal() ?? "")
            let outcome = await Self.outcome {
                try await run(storage, amqpURL: amqpURL, privateBroker, exporter, onReady)
            }
            await privateBroker?.stop()
            try outcome.get()
        }
        try await storage.ledger.close()
        try outcome.get()
    }

    /// What was thrown, kept until everything opened before it is closed.
    private static func outcome(_ body: () async throws -> Void) async -> Result<Void, any Error> {
        do { return .success(try await body()) } catch { return .failure(error) }
    }

    private func run(
        _ storage: Storage, amqpURL: Secret, _ privateBroker: PrivateBroker?, _ exporter: PrometheusMetricsFactory,
        _ onReady: @escaping @Sendable (RunningService) async -> Void
    ) async throws {
        // One thread moves the bytes of broker and targets and runs what decides beside it: what a socket wakes goes on
        // at once, and on small machines every thread more costs more in wake-ups than it brings.
        let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let client = OutboundClient(
            configuration: OutboundClientConfiguration(policy: addressPolicy),
            eventLoopGroup: System.coreCount > 4 ? nil : loops)
        let adapters = AdapterRegistry([WebhookAdapter(client: client, time: storage.time)])
        let broker = RabbitMQBroker(
            configuration: try brokerConfiguration(amqpURL, channels: adapters.channels), eventLoopGroup: loops,
            logger: logger, crashPoints: crashPoints)
        let orchestrator = OrchestratorService(
            ports: Ports(
                ledger: storage.ledger, broker: broker, time: storage.time, randomness: storage.randomness,
                logger: logger, crashPoints: crashPoints),
            adapters: adapters, settings: settings)
        let adminKey = try await AdminKey.ensure(file: configuration.adminKeyFile, useCases: orchestrator.useCases)
        let (listening, listens) = AsyncStream.makeStream(of: Int.self)
        let api = APIServer(
            configuration: APIConfiguration(host: configuration.http.host, port: configuration.http.port),
            useCases: orchestrator.useCases, metrics: exporter, eventLoopGroup: loops, logger: logger,
            onListening: { listens.yield($0) })
        let announcer = ReadinessAnnouncer(
            listening: listening, health: orchestrator.health, onReady: onReady
        ) { [configuration] port, stop in
            RunningService(
                apiAddress: ListenAddress(host: configuration.http.host, port: port).url, adminKey: adminKey,
                adminKeyFile: configuration.adminKeyFile, amqpURL: amqpURL, useCases: orchestrator.useCases,
                stop: stop)
        }
        var services: [any Service] = []
        if let privateBroker { services.append(PrivateBrokerKeeper(broker: privateBroker, logger: logger)) }
        services += [BrokerConnections(broker: broker), orchestrator, api, announcer]
        // No maximum duration: the orchestrator bounds its own drain, and the group would abort the process.
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services, gracefulShutdownSignals: gracefulShutdownSignals, logger: logger))
        announcer.stops(with: group)
        let executor = EventLoopTaskExecutor(loops.next())
        let outcome = await Self.outcome {
            try await withTaskExecutorPreference(executor) { try await group.run() }
        }
        await client.shutdown()
        try await loops.shutdownGracefully()
        try outcome.get()
    }

    private func startPrivateBroker() async throws -> PrivateBroker? {
        guard configuration.amqpURL == nil else { return nil }
        logger.info("Starting a private broker.", metadata: ["folder": "\(configuration.brokerDirectory)"])
        return try await PrivateBroker.start(
            PrivateBrokerConfiguration(directory: configuration.brokerDirectory), logger: logger)
    }

    private func brokerConfiguration(
        _ amqpURL: Secret, channels: [ChannelType]
    ) throws -> RabbitMQBrokerConfiguration {
        var broker = try RabbitMQBrokerConfiguration(
            url: amqpURL.reveal(), namespace: configuration.namespace, instance: configuration.instance)
        try broker.connection.tls?.check()
        broker.channels = Array(Set(broker.channels).union(channels)).sorted()
        return broker
    }

    private var addressPolicy: AddressPolicy {
        AddressPolicy(allowed: configuration.egressAllow, allowsPlainHTTP: configuration.egressAllowHTTP)
    }

    private var settings: OrchestratorSettings {
        var settings = OrchestratorSettings(
            concurrency: configuration.concurrency, queueType: configuration.targetQueueType)
        settings.deadLetterRetentionMilliseconds = Int64(configuration.deadLetterRetentionDays) * 86_400_000
        settings.retentionMilliseconds = Int64(configuration.retentionDays) * 86_400_000
        adjustSettings(&settings)
        return settings
    }
}
