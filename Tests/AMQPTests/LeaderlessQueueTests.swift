import AMQP
import LocalBroker
import Logging
import Testing

/// RabbitMQ 3.10 leaves the quorum queue that was declared last before a SIGKILL without a leader, though not each time;
/// later versions may not.
@Suite("Queues that have lost their leader", .timeLimit(.minutes(3)))
struct LeaderlessQueueTests {
    private static let rounds = 4

    @Test func `a queue that the killed broker lost is told of, and works once it is declared anew`() async throws {
        var logger = Logger(label: "node")
        logger.logLevel = .error
        let node = try await PrivateBroker.startTemporary(logger: logger)
        var hasMetOne = false
        do {
            for round in 0..<Self.rounds where !hasMetOne {
                hasMetOne = try await isLostAndMended(["old-\(round)", "new-\(round)"], node)
            }
        } catch {
            await node.stop(removingDirectory: true)
            throw error
        }
        await node.stop(removingDirectory: true)
        if !hasMetOne { Issue.record("no queue has lost its leader, so nothing was tested", severity: .warning) }
    }

    /// - Returns: Whether the newest of the queues had lost its leader.
    private func isLostAndMended(_ queues: [String], _ node: PrivateBroker) async throws -> Bool {
        try await withBroker(url: node.amqpURL) {
            $0.consumeTimeoutSeconds = 3
        } _: { broker in
            let group = broker.connection.makeConsumerGroup(name: "g")
            for queue in queues {
                try await broker.declareQueue(queue, arguments: ["x-queue-type": "quorum"])
                try await group.add(queue: queue, consumerTag: queue, prefetch: 5)
            }
            await node.kill()
            await broker.connection.wait { if case .connecting = $0 { true } else { false } }
            try await node.restart()
            let first = await group.nextEvent()
            guard first != .channelReopened else { return false }
            let newest = queues[queues.count - 1]
            #expect(first == .failed(consumerTag: newest, error: .unanswered(queue: newest)))
            #expect(await group.nextEvent() == .channelReopened)
            await broker.connection.waitForGeneration(after: 1)
            try await broker.connection.withChannel { channel in
                try await channel.deleteQueue(name: newest)
                _ = try await channel.declareQueue(name: newest, arguments: ["x-queue-type": "quorum"])
            }
            #expect(await group.failure(ofAdding: newest) == nil)
            let results = await broker.connection.makePublisher().publish(queues.map { .to($0, id: $0) })
            #expect(results.allSatisfy { $0 == .confirmed })
            #expect(Set(await group.collect(queues.count) { $0.ack() }.map(\.queue)) == Set(queues))
            return true
        }
    }
}
