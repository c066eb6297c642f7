import AMQP
import Distribution
import Egress
import Foundation
import LocalBroker
import LocalReceiver
import Logging
import NIOPosix
import Orchestrator
import Testing

@testable import clawcast

/// The whole service in this process, on a real broker and a real ledger, with a receiver and a client beside it.
struct TestSystem: Sendable {
    let service: RunningService
    let receiver: Receiver
    /// A client of the same virtual host, as WordClaw is one.
    let client: Connection
    let events: EventLog
    let dataDirectory: String

    /// Runs the body beside a service that is up, and stops everything after it.
    static func with<Value: Sendable>(
        amqpURL given: String? = nil, dataDirectory kept: String? = nil, logger givenLogger: Logger? = nil,
        configure: (inout ServiceConfiguration) throws -> Void = { _ in },
        settings: @escaping @Sendable (inout OrchestratorSettings) -> Void = { _ in },
        _ body: @escaping @Sendable (TestSystem) async throws -> Value
    ) async throws -> Value {
        let folder = kept ?? FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { if kept == nil { try? FileManager.default.removeItem(atPath: folder) } }
        let url: String
        if let given { url = given } else { url = try await SharedBroker.freshVirtualHost() }
        var configuration = ServiceConfiguration(
            dataDirectory: folder, amqpURL: Secret(url), http: ListenAddress(host: "127.0.0.1", port: 0),
            egressAllow: [try CIDR("127.0.0.0/8")], logLevel: .critical)
        try configure(&configuration)
        var quiet = Logger(label: "system-test")
        quiet.logLevel = configuration.logLevel
        let logger = givenLogger ?? quiet
        let composition = ServiceComposition(
            configuration: configuration, logger: logger, adjustSettings: settings)
        let receiver = try await Receiver.start()
        let outcome = await Outcome { try await run(composition, url, receiver, folder, logger, body) }
        await receiver.stop()
        return try outcome.get()
    }

    private static func run<Value: Sendable>(
        _ composition: ServiceComposition, _ url: String, _ receiver: Receiver, _ folder: String, _ logger: Logger,
        _ body: @escaping @Sendable (TestSystem) async throws -> Value
    ) async throws -> Value {
        let client = Connection(
            configuration: try ConnectionConfiguration(url: url),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: logger)
        let (ready, becameReady) = AsyncStream.makeStream(of: RunningService.self)
        return try await withThrowingTaskGroup(of: Void.self) { background in
            background.addTask { await client.run() }
            defer { background.cancelAll() }
            async let service: Void = serve(composition, becameReady)
            guard let running = await ready.first(where: { _ in true }) else {
                try await service
                throw SystemTestError("The service ended before it was ready.")
            }
            _ = await client.waitUntilConnected()
            let system = TestSystem(
                service: running, receiver: receiver, client: client, events: try await EventLog(client),
                dataDirectory: folder)
            let outcome = await Outcome { try await body(system) }
            await running.stop()
            try await service
            return try outcome.get()
        }
    }

    private static func serve(
        _ composition: ServiceComposition, _ becameReady: AsyncStream<RunningService>.Continuation
    ) async throws {
        defer { becameReady.finish() }
        try await composition.run { becameReady.yield($0) }
    }
}

struct SystemTestError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
