import Distribution
import DistributionTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct InMemoryBrokerTests {
    private let time = ManualTime()
    private let broker: InMemoryBroker
    private let queue = TargetQueue(targetID: TargetID(12), channelType: .webhook, type: .quorum)

    init() {
        broker = InMemoryBroker(time: time)
    }

    private func job(_ id: Int64, delay: Int64 = 0) -> OutgoingJob {
        OutgoingJob(
            claim: Sample.claim(for: Sample.job(id: id)), attempt: 1, contentType: "application/json",
            body: [UInt8(id)], trace: nil, delayMilliseconds: delay)
    }

    @Test func `no more than the prefetch is in hand, and what is given back comes first`() async throws {
        try await broker.open(queue, prefetch: 2)
        _ = await broker.publish(jobs: [job(1), job(2), job(3)])
        var batches = broker.jobMessages.makeAsyncIterator()
        let first = try #require(await batches.next())
        #expect(first.map(\.body) == [[1], [2]])
        #expect(broker.record.queues[queue]?.ready.count == 1)
        first[1].settlement.giveBack()
        let again = try #require(await batches.next())
        #expect(again.map(\.body) == [[2]])
        #expect(again.map(\.isRedelivered) == [true])
        first[1].settlement.acknowledge()
        #expect(broker.record.settled.count == 1)
        first[0].settlement.acknowledge()
        #expect(try #require(await batches.next()).map(\.body) == [[3]])
    }

    @Test func `delayed jobs come when the clock says so, by their moments`() async throws {
        try await broker.open(queue, prefetch: 9)
        #expect(await broker.publish(jobs: [job(1, delay: 200), job(2, delay: 100)]) == [.confirmed, .confirmed])
        broker.advance(by: 99)
        #expect(broker.record.queues.delayed.count == 2)
        broker.advance(by: 101)
        var batches = broker.jobMessages.makeAsyncIterator()
        #expect(try #require(await batches.next()).map(\.body) == [[2], [1]])
    }

    @Test func `a job without a queue is an orphan`() async throws {
        #expect(await broker.publish(jobs: [job(1)]) == [.confirmed])
        var orphans = broker.orphanedJobs.makeAsyncIterator()
        #expect(try #require(await orphans.next()).map(\.body) == [[1]])
    }

    @Test func `a lost connection gives everything back and drops late settlements`() async throws {
        try await broker.open(queue, prefetch: 9)
        _ = await broker.publish(jobs: [job(1), job(2)])
        var batches = broker.jobMessages.makeAsyncIterator()
        let lost = try #require(await batches.next())
        broker.disconnect()
        #expect(await broker.publish(jobs: [job(3)]) == [.failed])
        lost[0].settlement.acknowledge()
        #expect(broker.record.settled.isEmpty)
        broker.connect()
        let again = try #require(await batches.next())
        #expect(again.map(\.body) == [[1], [2]])
        #expect(again.map(\.isRedelivered) == [true, true])
    }

    @Test func `publishers wait while the broker is blocked`() async throws {
        try await broker.open(queue, prefetch: 9)
        broker.block()
        async let published = broker.publish(jobs: [job(1)])
        await broker.until { $0.jobs.count == 1 }
        #expect(broker.record.queues[queue]?.inHand == 0)
        broker.unblock()
        #expect(await published == [.confirmed])
    }

    @Test func `answers are given once each, and a lost confirm still delivers`() async throws {
        try await broker.open(queue, prefetch: 9)
        broker.answerNext(.jobs, .refuse, .loseConfirm, .unroutable)
        let answers = await broker.publish(jobs: [job(1), job(2), job(3), job(4)])
        #expect(answers == [.failed, .failed, .unroutable, .confirmed])
        var batches = broker.jobMessages.makeAsyncIterator()
        #expect(try #require(await batches.next()).map(\.body) == [[2], [4]])
    }
}
