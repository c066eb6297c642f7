import Distribution
import Foundation
import LocalBroker
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("A service that ends in the middle", .serialized, .timeLimit(.minutes(4)))
struct ServiceFaultTests {
    @Test func `killed, it loses nothing and repeats only what the ledger calls ambiguous`() async throws {
        try await Self.interrupted { service in
            let end = try await service.end(with: SIGKILL)
            #expect(end.wasKilled)
            #expect(end.status == SIGKILL)
        } afterwards: { ledger, receiver in
            try Crowd.checkDeliveries(ledger, receiver)
            // Attempts were under way when it died.
            let ambiguous = try ledger.number(
                "SELECT count(*) FROM distribution_attempts WHERE certainty = 'ambiguous'")
            #expect((ambiguous ?? 0) > 0)
        }
    }

    @Test func `asked to stop, it ends what is in flight, exits with 0, and nothing is sent twice`() async throws {
        try await Self.interrupted { service in
            let clock = ContinuousClock()
            let start = clock.now
            let end = try await service.end(with: SIGTERM)
            #expect(!end.wasKilled)
            #expect(end.status == 0, "\(end.errors)")
            // The contract's ten seconds for what is in flight, and some for the machine.
            #expect(clock.now - start < .seconds(20))
        } afterwards: { ledger, receiver in
            let repeated = try Crowd.checkDeliveries(ledger, receiver)
            let attempts = try ledger.number("SELECT count(*) FROM distribution_attempts")
            let ambiguous = try ledger.number(
                "SELECT count(*) FROM distribution_attempts WHERE certainty = 'ambiguous'")
            #expect(repeated == 0)
            #expect(attempts == Crowd.deliveries)
            #expect(ambiguous == 0)
        }
    }

    @Test func `a second service on the same data folder refuses to start, and says why`() async throws {
        try await TestSystem.with { system in
            let second = try ServiceProcess.launch(
                folder: system.dataDirectory, amqpURL: system.service.amqpURL.reveal())
            let end = try await second.ended()
            #expect(!end.wasKilled)
            #expect(end.status == 1)
            #expect(end.errors.contains("in use"), "\(end.errors)")
            // The first goes on.
            try await system.deliverMarker("marker", to: try await system.createTarget())
        }
    }

    /// Publishes a thousand deliveries to a service process, ends it in the middle, and lets another service finish.
    private static func interrupted(
        _ interrupt: @escaping @Sendable (ServiceProcess) async throws -> Void,
        afterwards check: @escaping @Sendable (LedgerFile, Receiver) throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let url = try await SharedBroker.freshVirtualHost()
        let receiver = try await Receiver.start()
        let outcome = await Outcome {
            let targets = try await TestSystem.with(amqpURL: url, dataDirectory: folder) { system in
                try await Crowd.createTargets(on: system, receiver: receiver)
            }
            let service = try await ServiceProcess.start(folder: folder, amqpURL: url)
            let interruption = await Outcome {
                try await BrokerClient.with(url) { await Crowd.publish(to: targets, over: $0) }
                await receiver.waitForRequests(Crowd.deliveries / 3)
            }
            try await interrupt(service)
            try interruption.get()
            #expect(receiver.count() < Crowd.deliveries)
            try Crowd.checkConservation(try LedgerFile(folder: folder))
            try await TestSystem.with(amqpURL: url, dataDirectory: folder) { system in
                try await Crowd.checkEvents(system.events)
                try check(try LedgerFile(system), receiver)
            }
        }
        await receiver.stop()
        try outcome.get()
    }
}
