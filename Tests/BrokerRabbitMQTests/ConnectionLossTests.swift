import BrokerRabbitMQ
import Distribution
import Foundation
import LocalBroker
import Logging
import Testing

/// Faults of the broker itself, on a node of their own.
@Suite(.serialized, .timeLimit(.minutes(1))) struct `Connection loss` {
    private func withNode(_ body: (PrivateBroker) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "clawcast-loss-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let node = try await PrivateBroker.start(.init(directory: folder.path()), logger: logger)
        do { try await body(node) } catch {
            await node.stop()
            throw error
        }
        await node.stop()
    }

    @Test func `a killed broker comes back with every job, and is consumed again`() async throws {
        try await withNode { node in
            try await withBrokerPort(url: node.amqpURL) { harness in
                let queue = Samples.queue(12)
                try await harness.broker.open(queue, prefetch: 100)
                // RabbitMQ 3.10 may lose the leader of a quorum queue that was declared in the second before a kill.
                _ = await harness.broker.publish(jobs: [Samples.job(9999, delay: 2000)])
                try await acknowledgeAll([9999], harness)

                let ready = (1...200).map { Samples.job($0) }
                let delayed = (201...250).map { Samples.job($0, delay: 1500) }
                #expect(await harness.broker.publish(jobs: ready + delayed).allSatisfy { $0 == .confirmed })
                await node.kill()
                await harness.waitUntilDisconnected()
                #expect(await harness.broker.publish(jobs: [Samples.job(251)]) == [.failed])
                try await node.restart()
                await harness.waitUntilConnected()
                #expect(await harness.broker.publish(jobs: [Samples.job(251)]) == [.confirmed])
                try await acknowledgeAll(Set(1...251), harness)
            }
        }
    }

    /// Acks until each of the jobs has come, some of them perhaps more than once.
    private func acknowledgeAll(_ expected: Set<Int64>, _ harness: BrokerHarness) async throws {
        var missing = expected
        while !missing.isEmpty {
            let message = try #require(await harness.jobs.next(), "the stream ended before \(missing.count) jobs came")
            missing.remove(try message.claim.get().jobID.rawValue)
            message.settlement.acknowledge()
        }
    }
}
