import AMQP
import Distribution
import Testing

@testable import BrokerRabbitMQ

/// Queues of the static topology that somebody deletes while the service is connected.
@Suite(.timeLimit(.minutes(1))) struct `Queues that somebody deletes` {
    @Test func `every one that nobody here consumes is declared anew, and it is told what is to be published again`()
        async throws
    {
        try await withBrokerPort {
            $0.queueCheckInterval = .milliseconds(50)
        } _: { harness in
            let names = harness.names
            try await harness.broker.open(Samples.queue(12), prefetch: 8)
            let lost = [
                names.delays[2], names.dead(of: .feed), names.deadPlans, names.unrouted, names.eventsForWordClaw,
                // Those who consume these notice before, and are not to hide what else is gone.
                names.plans, names.orphans,
            ]
            for queue in lost { try await harness.raw.withChannel { _ = try await $0.deleteQueue(name: queue) } }
            var renewals = harness.broker.renewedQueues.makeAsyncIterator()
            var unshown = harness.broker.renewedDeadLetterQueues.makeAsyncIterator()
            #expect(await renewals.next() == Samples.queue(12))
            #expect(await unshown.next() == .feed)
            // Each is there, and, a moment later, bound to what is published to it.
            for queue in harness.broker.topology.queuesOnlyPublishedTo.map(\.name) {
                var count: Int?
                while count == nil {
                    try Task.checkCancellation()
                    count = try? await harness.messageCount(queue)
                }
                #expect(count == 0)
            }
            let event = OutgoingEvent(
                id: "e1", routingKey: "distribution.1.plan.accepted", correlationID: nil, body: [1])
            let letter = Samples.deadLetter(1, channel: .feed)
            while await harness.broker.publish(events: [event]) != [.confirmed] { try Task.checkCancellation() }
            while await harness.broker.publish(deadLetters: [letter]) != [.confirmed] { try Task.checkCancellation() }
            #expect(try await harness.messageCount(names.eventsForWordClaw) == 1)
            #expect(try await harness.messageCount(names.dead(of: .feed)) == 1)
            #expect(try await harness.messageCount(names.unrouted) == 0)
        }
    }
}
