import AMQP
import Distribution
import Testing

@testable import BrokerRabbitMQ

/// Queues that the broker cannot use: a proxy swallows what is asked of them.
@Suite(.timeLimit(.minutes(1))) struct `Queues that answer nothing` {
    @Test func `of a new target are asked beside all others, and declared anew`() async throws {
        try await withStuckQueues { harness, proxy in
            let (new, other) = (Samples.queue(12), Samples.queue(13))
            for queue in [new, other] { try await harness.broker.open(queue, prefetch: 1) }
            // As often as it is asked beside the others; one question more, and it were answered and left as it is.
            proxy.stick(.consume, of: harness.names.jobs(of: new), times: 2)
            try await expectRenewal(of: new, beside: other, harness, proxy)
        }
    }

    @Test func `of a target of old are asked beside all others once they did not answer, and declared anew`()
        async throws
    {
        try await withStuckQueues { harness, proxy in
            let (old, other) = (Samples.queue(12), Samples.queue(13))
            let name = harness.names.jobs(of: old)
            try await harness.raw.withChannel { try await harness.broker.topology.declare(old, named: name, on: $0) }
            for queue in [old, other] { try await harness.broker.open(queue, prefetch: 1) }
            proxy.stick(.consume, of: name, times: 3)
            try await expectRenewal(of: old, beside: other, harness, proxy)
        }
    }

    private func expectRenewal(
        of queue: TargetQueue, beside other: TargetQueue, _ harness: BrokerHarness, _ proxy: StuckQueueProxy
    ) async throws {
        proxy.cutConnections()
        var renewed: [TargetQueue] = []
        for await queue in harness.broker.renewedQueues {
            renewed.append(queue)
            if renewed.count == 2 { break }
        }
        #expect(renewed == [queue, queue])
        await harness.waitUntilConnected()
        let jobs = [Samples.job(1), Samples.job(2, target: 13)]
        while await harness.broker.publish(jobs: jobs) != [.confirmed, .confirmed] {
            try Task.checkCancellation()
            await harness.waitUntilConnected()
        }
        var missing: Set = [queue, other]
        while !missing.isEmpty {
            let message = try #require(await harness.jobs.next())
            message.settlement.acknowledge()
            if let queue = message.queue { missing.remove(queue) }
        }
    }

    @Test func `of dead letters are declared anew, as the ledger knows what they hold`() async throws {
        try await withStuckQueues { harness, proxy in
            let queue = harness.names.dead(of: .webhook)
            await harness.publishRaw(OutgoingMessage(exchange: "", routingKey: queue, body: [9]))
            proxy.stick(.publish, of: harness.names.dead, times: 1)
            proxy.stick(.consume, of: queue, times: 2)
            #expect(await harness.broker.publish(deadLetters: [Samples.deadLetter(1)]) == [.failed])
            // Gone with the queue it was in.
            while (try? await harness.messageCount(queue)) != 0 { try Task.checkCancellation() }
            var refused = 0
            while await harness.broker.publish(deadLetters: [Samples.deadLetter(1)]) != [.confirmed] {
                try Task.checkCancellation()
                refused += 1
                await harness.waitUntilConnected()
            }
            // While it was not there they were not taken elsewhere.
            let first = try await harness.fetch(queue)
            #expect(first.body == [1])
            let unrouted = try await harness.messageCount(harness.names.unrouted)
            #expect(unrouted == 0, "refused \(refused) times")
        }
    }

    @Test func `on the ladder are declared anew, and the jobs of every target are handed out again`() async throws {
        try await withStuckQueues { harness, proxy in
            let targets = [Samples.queue(12), Samples.queue(13)]
            for target in targets { try await harness.broker.open(target, prefetch: 1) }
            let rung = harness.names.delays[5]
            proxy.stick(.publish, of: rung, times: 1)
            proxy.stick(.consume, of: rung, times: 2)
            #expect(await harness.broker.publish(jobs: [Samples.job(1, delay: 3_200)]) == [.failed])
            var renewed: [TargetQueue] = []
            for await queue in harness.broker.renewedQueues {
                renewed.append(queue)
                if renewed.count == targets.count { break }
            }
            #expect(renewed == targets)
            while await harness.broker.publish(jobs: [Samples.job(1, delay: 3_200)]) != [.confirmed] {
                try Task.checkCancellation()
                await harness.waitUntilConnected()
            }
            #expect(try await harness.jobs.next()?.claim.get() == Samples.claim(1))
        }
    }

    @Test func `of events are kept, and told of with what to do until somebody has seen to them`() async throws {
        try await withStuckQueues { harness, proxy in
            let queue = harness.names.eventsForWordClaw
            await harness.publishRaw(OutgoingMessage(exchange: "", routingKey: queue, body: [1]))
            proxy.stick(.publish, of: harness.names.events, times: 1)
            // Found to be stuck once, and in order the next time.
            proxy.stick(.consume, of: queue, times: 2)
            let event = OutgoingEvent(id: "e", routingKey: "distribution.1.a.b", correlationID: nil, body: [1])
            #expect(await harness.broker.publish(events: [event]) == [.failed])
            for await health in harness.broker.health() {
                guard case .blocked(let reason, let remediation) = health else { continue }
                #expect(reason.contains(queue))
                #expect(remediation?.contains("delete_queue") == true)
                break
            }
            await harness.waitUntilConnected()
            let count = try await harness.messageCount(queue)
            #expect(count == 1)
        }
    }

    private func withStuckQueues(
        _ body: @Sendable (BrokerHarness, StuckQueueProxy) async throws -> Void
    ) async throws {
        let url = try await freshVirtualHost()
        let port = try ConnectionConfiguration(url: url).port
        let proxy = try await StuckQueueProxy.start(to: port)
        let outcome: Result<Void, any Error>
        do {
            try await withBrokerPort(url: url) { configuration in
                configuration.connection.port = proxy.port
                configuration.connection.consumeTimeoutSeconds = 2
                // However long the test takes.
                configuration.queueRecency = .seconds(3_600)
                configuration.connection.confirmTimeoutSeconds = 2
            } _: {
                try await body($0, proxy)
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await proxy.stop()
        try outcome.get()
    }
}
