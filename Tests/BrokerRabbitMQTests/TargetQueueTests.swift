import AMQP
import BrokerRabbitMQ
import Distribution
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Target queues` {
    @Test(arguments: [QueueType.quorum, .classic])
    func `opened while running deliver what was and is published, by id`(type: QueueType) async throws {
        try await withBrokerPort { harness in
            let queue = Samples.queue(12, .webhook, type)
            try await harness.broker.open(queue, prefetch: 8)
            try await harness.broker.open(queue, prefetch: 8)
            let jobs = (1...500).map { Samples.job($0) }
            #expect(await harness.broker.publish(jobs: jobs).allSatisfy { $0 == .confirmed })
            var claims: [JobClaim] = []
            while claims.count < jobs.count, let message = await harness.jobs.next() {
                #expect(message.queue == queue)
                #expect(message.contentType == "application/json")
                #expect(message.trace == Samples.trace)
                claims.append(try message.claim.get())
                message.settlement.acknowledge()
            }
            #expect(claims == jobs.map(\.claim))
        }
    }

    @Test func `a changed prefetch takes effect on the open queue`() async throws {
        try await withBrokerPort { harness in
            let queue = Samples.queue(1)
            try await harness.broker.open(queue, prefetch: 1)
            #expect(await harness.broker.publish(jobs: (1...3).map { Samples.job($0, target: 1) }).count == 3)
            let first = await harness.jobs.next(1)
            #expect(first.count == 1)
            try await harness.broker.open(queue, prefetch: 2)
            let more = await harness.jobs.next(2)
            #expect(try (first + more).map { try $0.claim.get().jobID.rawValue } == [1, 2, 3])
            for message in first + more { message.settlement.acknowledge() }
        }
    }

    @Test func `one with other properties is refused and hurts no other`() async throws {
        try await withBrokerPort { harness in
            let bad = Samples.queue(66)
            let good = [Samples.queue(1), Samples.queue(2, .feed)]
            try await harness.broker.open(good[0], prefetch: 4)
            try await harness.raw.withChannel { channel in
                _ = try await channel.declareQueue(
                    name: harness.names.jobs(of: bad), arguments: ["x-queue-type": "classic"])
            }
            await #expect {
                try await harness.broker.open(bad, prefetch: 4)
            } throws: { ($0 as? BrokerError)?.kind == .refused }
            try await harness.broker.open(good[1], prefetch: 4)
            _ = await harness.broker.publish(jobs: [
                Samples.job(1, target: 1), Samples.job(2, target: 2, channel: .feed),
            ])
            let messages = await harness.jobs.next(2)
            #expect(Set(messages.compactMap(\.queue)) == Set(good))
            #expect(messages.allSatisfy { !$0.isRedelivered })
        }
    }

    @Test func `one deleted under its consumer is declared and consumed again, and no job is lost`() async throws {
        try await withBrokerPort { harness in
            let queue = Samples.queue(12)
            try await harness.broker.open(queue, prefetch: 8)
            try await harness.raw.withChannel { _ = try await $0.deleteQueue(name: harness.names.jobs(of: queue)) }
            #expect(await harness.broker.publish(jobs: [Samples.job(1)]) == [.confirmed])
            let arrived = await withTaskGroup(of: Optional<IncomingJobMessage>.self) { tasks in
                tasks.addTask { await harness.jobs.next() }
                // What its holder does with an orphan: publish it once more, then ack it.
                tasks.addTask {
                    while let orphan = await harness.orphans.next() {
                        #expect(orphan.queue == queue)
                        _ = await harness.broker.publish(jobs: [Samples.job(1)])
                        orphan.settlement.acknowledge()
                    }
                    return nil
                }
                let first = await tasks.next()
                tasks.cancelAll()
                return first.flatMap { $0 }
            }
            #expect(try arrived?.claim.get() == Samples.claim(1))
        }
    }

    @Test func `many are spread over groups, and closing one leaves the others`() async throws {
        try await withBrokerPort(configure: { $0.targetsPerGroup = 2 }) { harness in
            let queues = (1...5).map { Samples.queue($0) }
            for queue in queues { try await harness.broker.open(queue, prefetch: 4) }
            await harness.broker.close(queues[2])
            _ = await harness.broker.publish(jobs: (1...5).map { Samples.job($0, target: $0) })
            let messages = await harness.jobs.next(4)
            #expect(Set(messages.compactMap { $0.queue?.targetID.rawValue }) == [1, 2, 4, 5])
            for message in messages { message.settlement.acknowledge() }
            #expect(try await harness.messageCount(harness.names.jobs(of: queues[2])) == 1)
            try await harness.broker.open(queues[2], prefetch: 4)
            #expect(try await harness.jobs.next()?.claim.get().jobID == JobID(3))
        }
    }

    @Test(arguments: [QueueType.quorum, .classic])
    func `removed only when empty, and then gone`(type: QueueType) async throws {
        try await withBrokerPort { harness in
            let queue = Samples.queue(12, .webhook, type)
            let name = harness.names.jobs(of: queue)
            try await harness.broker.open(queue, prefetch: 1)
            await harness.broker.close(queue)
            _ = await harness.broker.publish(jobs: [Samples.job(1)])
            await #expect {
                try await harness.broker.remove(queue)
            } throws: { ($0 as? BrokerError)?.kind == .refused }
            // Still bound: the next job comes here and not to the orphans.
            _ = await harness.broker.publish(jobs: [Samples.job(2)])
            #expect(try await harness.messageCount(name) == 2)
            try await harness.raw.withChannel { _ = try await $0.purgeQueue(name: name) }
            try await harness.broker.open(queue, prefetch: 1)
            try await harness.broker.remove(queue)
            try await harness.broker.remove(queue)
            await #expect(throws: AMQPError.self) { try await harness.messageCount(name) }
        }
    }
}
