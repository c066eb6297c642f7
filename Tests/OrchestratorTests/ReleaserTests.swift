import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Releaser", .timeLimit(.minutes(1)))
struct ReleaserTests {
    private let world = World()

    private func isNothingOwed(_ tables: InMemoryTables) -> Bool {
        tables.jobs.allSatisfy { $0.job.publishedEpoch == $0.job.epoch }
    }

    @Test func `many jobs leave in batches, in their order, and are noted as published`() async throws {
        let target = try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 1_100)
        world.releaser.release(owed)
        try await world.run([.releaser]) {
            await world.ledger.until(isNothingOwed)
        }
        #expect(world.broker.record.jobBatches.map(\.count).sorted() == [76] + Array(repeating: 128, count: 8))
        let queue = try #require(world.broker.record.queues[target.queue])
        #expect(queue.inHand + queue.ready.count == 1_100)
        for batch in world.broker.record.jobBatches {
            #expect(batch.map(\.claim.jobID) == batch.map(\.claim.jobID).sorted())
        }
    }

    @Test func `only what was confirmed is noted, and the rest is published again`() async throws {
        let targets = [
            try await world.addTarget(isOpen: true), try await world.addTarget(isOpen: true),
            try await world.addTarget(isOpen: true), try await world.addTarget(isOpen: true),
        ]
        let owed = try await world.owe()
        world.broker.answerNext(.jobs, .confirm, .refuse, .loseConfirm, .unroutable)
        world.releaser.release(owed)
        try await world.run([.releaser]) {
            await world.time.waitForSleepers()
            #expect(world.ledger.inspect { $0.jobs.map(\.job.publishedEpoch) } == [1, 0, 0, 0])
            #expect(world.broker.record.jobBatches.count == 1)
            await world.pass(1_000)
            await world.ledger.until(isNothingOwed)
        }
        try #require(world.broker.record.jobBatches.count == 2)
        let again = world.broker.record.jobBatches[1].map(\.claim)
        #expect(again.map(\.targetID) == targets.dropFirst().map(\.id))
        #expect(again.map(\.epoch) == [1, 1, 1])
        let copies = targets.map { world.broker.record.queues[$0.queue]?.inHand }
        #expect(copies == [1, 1, 2, 1])
    }

    @Test func `what could not leave while disconnected leaves after the reconnection`() async throws {
        try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 3)
        world.broker.disconnect()
        world.releaser.release(owed)
        try await world.run([.releaser]) {
            await world.broker.until { $0.jobBatches.count == 1 }
            #expect(world.ledger.inspect { $0.jobs.allSatisfy { $0.job.publishedEpoch == 0 } })
            world.broker.connect()
            world.releaser.sweepLedger()
            await world.ledger.until(isNothingOwed)
        }
        #expect(world.broker.record.jobs.suffix(3).map(\.claim.jobID) == owed.map(\.claim.jobID))
    }

    @Test func `a sweep finds what an earlier process owed, beyond one batch`() async throws {
        try await world.addTarget(isOpen: true)
        _ = try await world.owe(plans: 600)
        world.releaser.sweepLedger()
        try await world.run([.releaser]) { await world.ledger.until(isNothingOwed) }
        #expect(world.broker.record.jobBatches.map(\.count) == [128, 128, 128, 128, 88])
    }

    @Test func `jobs of a disabled target stay owed`() async throws {
        let disabled = try await world.addTarget(isOpen: true)
        let active = try await world.addTarget(isOpen: true)
        _ = try await world.owe()
        try await world.disable(disabled.id)
        world.releaser.sweepLedger()
        try await world.run([.releaser]) {
            await world.ledger.until { $0.jobs[1].job.publishedEpoch == 1 }
        }
        #expect(world.broker.record.jobs.map(\.claim.targetID) == [active.id])
    }

    @Test func `a confirm that the ledger cannot note is noted later`() async throws {
        try await world.addTarget(isOpen: true)
        let owed = try await world.owe()
        world.ledger.failNext(.confirm, times: 2)
        world.releaser.release(owed)
        try await world.run([.releaser]) {
            await world.pass(5_000)
            await world.pass(5_000)
            await world.ledger.until(isNothingOwed)
        }
        #expect(world.broker.record.jobBatches.count == 1)
    }

    @Test func `a job that is due later carries the time until then`() async throws {
        try await world.addTarget(isOpen: true)
        var owed = try await world.owe(plans: 2)
        for (index, moment) in ([60_000, -5] as [Int64]).enumerated() {
            let job = owed[index]
            owed[index] = OwedJob(
                claim: job.claim, attempt: job.attempt, dueAt: Sample.now.adding(milliseconds: moment),
                contentType: job.contentType, body: job.body, trace: job.trace)
        }
        world.releaser.release(owed)
        try await world.run([.releaser]) { await world.ledger.until(isNothingOwed) }
        #expect(world.broker.record.jobs.map(\.delayMilliseconds) == [60_000, 0])
    }

    @Test func `a blocked broker delays and loses nothing`() async throws {
        try await world.addTarget(isOpen: true)
        let owed = try await world.owe(plans: 2)
        world.broker.block()
        world.releaser.release(owed)
        try await world.run([.releaser]) {
            await world.broker.until { !$0.jobs.isEmpty }
            #expect(world.ledger.inspect { $0.jobs.allSatisfy { $0.job.publishedEpoch == 0 } })
            world.broker.unblock()
            await world.ledger.until(isNothingOwed)
        }
        #expect(world.broker.record.jobBatches.count == 1)
    }
}
