import AMQP
import BrokerRabbitMQ
import Distribution
import Testing

/// The ladder on a real broker.
@Suite(.timeLimit(.minutes(1))) struct `Delayed jobs` {
    @Test func `come back to their queue, never early`() async throws {
        try await withBrokerPort { harness in
            let delays: [Int64: Int64] = [1: 100, 2: 300, 3: 1300, 4: 0, 5: 250]
            try await harness.broker.open(Samples.queue(12), prefetch: 8)
            let start = ContinuousClock.now
            let jobs = delays.map { Samples.job($0.key, delay: $0.value) }
            #expect(await harness.broker.publish(jobs: jobs).allSatisfy { $0 == .confirmed })
            for _ in delays {
                let message = try #require(await harness.jobs.next())
                let elapsed = ContinuousClock.now - start
                let claim = try message.claim.get()
                let delay = try #require(delays[claim.jobID.rawValue])
                #expect(elapsed >= .milliseconds(delay), "job \(claim.jobID) came early")
                #expect(claim == Samples.claim(claim.jobID.rawValue))
                #expect(message.body == Samples.job(claim.jobID.rawValue).body)
                message.settlement.acknowledge()
            }
        }
    }

    @Test func `enter the ladder anew after a lap, without a trace of it`() async throws {
        try await withBrokerPort { harness in
            try await harness.broker.open(Samples.queue(12), prefetch: 8)
            for delay: Int64 in [300, 300, 100, 700] {
                #expect(await harness.broker.publish(jobs: [Samples.job(1, delay: delay)]) == [.confirmed])
                let message = try #require(await harness.jobs.next())
                #expect(try message.claim.get() == Samples.claim(1))
                message.settlement.acknowledge()
            }
        }
    }

    @Test func `whose target has no queue become orphans`() async throws {
        try await withBrokerPort { harness in
            #expect(await harness.broker.publish(jobs: [Samples.job(1, target: 99, delay: 100)]) == [.confirmed])
            let orphan = try #require(await harness.orphans.next())
            #expect(orphan.queue == Samples.queue(99))
            #expect(try orphan.claim.get() == Samples.claim(1, target: 99))
            orphan.settlement.acknowledge()
        }
    }
}
