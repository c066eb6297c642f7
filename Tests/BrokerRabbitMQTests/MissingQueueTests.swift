import AMQP
import Distribution
import LocalBroker
import Logging
import Testing

@testable import BrokerRabbitMQ

/// A queue that is deleted while the broker is slow to tell its consumer so.
@Suite(.timeLimit(.minutes(1))) struct `Queues that go missing` {
    @Test func `one that is declared anew before the broker has forgotten its consumer is consumed all the same`()
        async throws
    {
        try await Self.withConsumedQueues { node, harness, queue in
            // As is told of late where the node is busy.
            try await node.rabbitmqctl(["eval", Self.everyChannel("suspend")])
            try await harness.raw.withChannel { _ = try await $0.deleteQueue(name: harness.names.jobs(of: queue)) }
            #expect(try await harness.broker.open(queue, prefetch: 8) == .declared)
            try await node.rabbitmqctl(["eval", Self.everyChannel("resume")])
            let jobs = [Samples.job(1), Samples.job(2), Samples.job(3, target: 13)]
            #expect(await harness.broker.publish(jobs: jobs) == [.confirmed, .confirmed, .confirmed])
            var missing: Set<Int64> = [1, 2, 3]
            while !missing.isEmpty, let message = await harness.jobs.next() {
                missing.remove(try message.claim.get().jobID.rawValue)
                message.settlement.acknowledge()
            }
            #expect(missing.isEmpty)
        }
    }

    @Test func `one that is declared again by somebody else in a moment is deaf until it is reopened`() async throws {
        try await Self.withConsumedQueues { node, harness, queue in
            try await node.rabbitmqctl(["eval", Self.everyChannel("suspend")])
            let name = harness.names.jobs(of: queue)
            let arguments = Topology.arguments(of: queue.type)
            try await harness.raw.withChannel { channel in
                _ = try await channel.deleteQueue(name: name)
                _ = try await channel.declareQueue(name: name, arguments: arguments)
                try await channel.bindQueue(
                    queue: name, exchange: harness.names.jobs, routingKey: JobRoutingKey(queue).text)
            }
            try await node.rabbitmqctl(["eval", Self.everyChannel("resume")])
            let jobs = [Samples.job(1), Samples.job(2)]
            #expect(await harness.broker.publish(jobs: jobs) == [.confirmed, .confirmed])
            // The broker consumes for itself: a neighbour's job that is published later comes, and these do not.
            #expect(await harness.broker.publish(jobs: [Samples.job(3, target: 13)]) == [.confirmed])
            var seen: [Int64] = []
            while seen.count < 3, let message = await harness.jobs.next() {
                let id = try message.claim.get().jobID.rawValue
                message.settlement.acknowledge()
                if seen.isEmpty {
                    #expect(id == 3)
                    #expect(try await harness.broker.depth(of: queue)?.consumers == 1)
                    await harness.broker.reopen(queue)
                }
                seen.append(id)
            }
            #expect(seen == [3, 1, 2])
        }
    }

    /// Runs a body beside a node of its own that has two consumed queues, and names one of them.
    private static func withConsumedQueues(
        _ body: @Sendable (PrivateBroker, BrokerHarness, TargetQueue) async throws -> Void
    ) async throws {
        let node = try await PrivateBroker.startTemporary(logger: logger)
        let outcome: Result<Void, any Error>
        do {
            try await withBrokerPort(url: node.amqpURL) { harness in
                let (queue, neighbour) = (Samples.queue(12), Samples.queue(13))
                for each in [queue, neighbour] { try await harness.broker.open(each, prefetch: 8) }
                try await body(node, harness, queue)
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await node.stop(removingDirectory: true)
        try outcome.get()
    }

    /// Holds, or lets go, every channel that consumes.
    private static func everyChannel(_ call: String) -> String {
        """
        Known = case persistent_term:get(held_channels, none) of
            none -> [P || P <- rabbit_channel:list(), rabbit_channel:info(P, [consumer_count]) =/= [{consumer_count, 0}]];
            Held -> Held
        end,
        persistent_term:put(held_channels, Known),
        [catch sys:\(call)(P) || P <- Known], ok.
        """
    }

    private static let logger: Logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()
}
