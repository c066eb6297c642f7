import AMQP
import BrokerRabbitMQ
import Distribution
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Queue depths` {
    @Test(arguments: [QueueType.quorum, .classic])
    func `tell what waits and who consumes, and nothing of a queue that is missing`(type: QueueType) async throws {
        try await withBrokerPort { harness in
            let queue = Samples.queue(12, .webhook, type)
            #expect(try await harness.broker.depth(of: queue) == nil)
            try await harness.broker.open(queue, prefetch: 2)
            #expect(try await harness.broker.depth(of: queue) == QueueDepth(ready: 0, consumers: 1))
            #expect(await harness.broker.publish(jobs: (1...5).map { Samples.job($0) }).count == 5)
            let inHand = await harness.jobs.next(2)
            #expect(try await harness.broker.depth(of: queue) == QueueDepth(ready: 3, consumers: 1))
            await harness.broker.close(queue)
            // A quorum queue counts a cancelled consumer for as long as it holds messages, a classic one does not.
            #expect(
                try await harness.broker.depth(of: queue) == QueueDepth(ready: 3, consumers: type == .quorum ? 1 : 0))
            for message in inHand { message.settlement.giveBack() }
            // Nothing answers a message that is given back.
            while try await harness.broker.depth(of: queue) != QueueDepth(ready: 5, consumers: 0) {
                try Task.checkCancellation()
            }
            // The port goes on after a queue that was missing.
            #expect(try await harness.broker.depth(of: Samples.queue(13)) == nil)
        }
    }

    @Test func `one that is closed with nothing in hand has no consumer from then on`() async throws {
        try await withBrokerPort { harness in
            for _ in 0..<20 {
                try await harness.broker.open(Samples.queue(12), prefetch: 2)
                await harness.broker.close(Samples.queue(12))
                #expect(try await harness.broker.depth(of: Samples.queue(12)) == QueueDepth(ready: 0, consumers: 0))
            }
        }
    }

    @Test func `a census counts every queue of the namespace, and changes nothing`() async throws {
        // A ladder on whose highest rung a job stays for longer than this test may take.
        try await withBrokerPort(configure: { $0.ladder = DelayLadder(levels: 10, unitMilliseconds: 200) }) { harness in
            let queues = [Samples.queue(1), Samples.queue(2), Samples.queue(3)]
            try await harness.broker.open(queues[0], prefetch: 1)
            await harness.broker.close(queues[0])
            try await harness.broker.open(queues[2], prefetch: 1)
            let jobs = [Samples.job(1, target: 1), Samples.job(2, target: 1), Samples.job(3, target: 1, delay: 60_000)]
            #expect(await harness.broker.publish(jobs: jobs).allSatisfy { $0 == .confirmed })
            await harness.publishRaw(
                OutgoingMessage(exchange: harness.names.dead, routingKey: "webhook.1", body: [1]))
            await harness.publishRaw(
                OutgoingMessage(exchange: harness.names.dead, routingKey: "nobody.1", body: [1]))
            await harness.publishRaw(
                OutgoingMessage(exchange: harness.names.events, routingKey: "distribution.1.a.b", body: [1]))
            for _ in 0..<2 {
                let census = try await BrokerCensus(of: queues, harness.broker.topology, over: harness.raw)
                #expect(
                    census.targets == [
                        TargetID(1): QueueDepth(ready: 2), TargetID(3): QueueDepth(ready: 0, consumers: 1),
                    ])
                #expect((census.ladder, census.deadLetters, census.unrouted.ready) == (1, 1, 1))
                #expect((census.events.ready, census.orphans.ready, census.isServed) == (1, 0, true))
            }
        }
    }
}
