import BrokerRabbitMQ
import Distribution
import Testing

@Suite(.timeLimit(.minutes(1))) struct `End of consumption` {
    @Test func `ends the streams after what is buffered, which stays settleable`() async throws {
        try await withBrokerPort { harness in
            let queue = Samples.queue(12)
            try await harness.broker.open(queue, prefetch: 1)
            _ = await harness.broker.publish(jobs: [Samples.job(1), Samples.job(2)])
            let first = await harness.jobs.next(1)
            first[0].settlement.acknowledge()
            await harness.broker.stopConsuming()
            let rest = await harness.jobs.next(.max)
            #expect(await harness.plans.next(1).isEmpty)
            #expect(await harness.orphans.next(1).isEmpty)
            for message in rest { message.settlement.acknowledge() }
            // Publishing goes on, and nothing is consumed any more.
            #expect(await harness.broker.publish(jobs: [Samples.job(3)]) == [.confirmed])
            await #expect(throws: BrokerError.self) { try await harness.broker.open(queue, prefetch: 2) }
            // What the broker sent to the consumer that was cancelled meanwhile goes back by itself, a moment later.
            while try await harness.messageCount(harness.names.jobs(of: queue)) + rest.count != 2 {
                try Task.checkCancellation()
            }
        }
    }

    @Test func `comes with the end of the broker, health included`() async throws {
        let broker = try await withBrokerPort { harness in
            try await harness.broker.open(Samples.queue(12), prefetch: 1)
            return harness.broker
        }
        for await _ in broker.jobMessages {}
        for await _ in broker.planMessages {}
        var last: BrokerHealth?
        for await health in broker.health() { last = health }
        guard case .disconnected = last else {
            Issue.record("the last word must be disconnected")
            return
        }
    }
}
