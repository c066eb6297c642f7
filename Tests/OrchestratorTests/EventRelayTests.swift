import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Event relay", .timeLimit(.minutes(1)))
struct EventRelayTests {
    private let world = World()

    private func isNothingOwed(_ tables: InMemoryTables) -> Bool { tables.events.isEmpty }

    @Test func `events leave in the order of their commits and are forgotten once confirmed`() async throws {
        try await world.addTarget()
        _ = try await world.owe(plans: 3)
        let owed = world.ledger.inspect { $0.events.map(\.event.id) }
        try await world.run([.relay]) {
            await world.ledger.until(isNothingOwed)
            #expect(world.broker.record.events.map(\.id) == owed)
            _ = try await world.owe(plans: 2)
            await world.ledger.until(isNothingOwed)
        }
        #expect(world.broker.record.events.count == owed.count + 2)
        #expect(Set(world.broker.record.events.map(\.id)).count == owed.count + 2)
    }

    @Test func `more than a batch leaves without a gap`() async throws {
        try await world.addTarget()
        _ = try await world.owe(plans: 700)
        let owed = world.ledger.inspect { $0.events.map(\.event.id) }
        try await world.run([.relay]) { await world.ledger.until(isNothingOwed) }
        #expect(world.broker.record.eventBatches.map(\.count) == [512, owed.count - 512])
        #expect(world.broker.record.events.map(\.id) == owed)
    }

    @Test func `what is no longer at hand is read from the ledger, in its place`() async throws {
        try await world.addTarget()
        world.broker.block()
        try await world.run([.relay]) {
            _ = try await world.owe()
            await world.broker.until { !$0.eventBatches.isEmpty }
            _ = try await world.owe(plans: 3)
            world.ledger.loseFreshEvents()
            _ = try await world.owe(plans: 2)
            let owed = world.ledger.inspect { $0.events.map(\.event.id) }
            world.broker.unblock()
            await world.ledger.until(isNothingOwed)
            #expect(world.broker.record.events.map(\.id) == owed)
        }
    }

    @Test(arguments: [InMemoryBroker.Answer.refuse, .loseConfirm, .unroutable])
    func `a batch that is not confirmed whole is published again before the next`(
        answer: InMemoryBroker.Answer
    ) async throws {
        try await world.addTarget()
        _ = try await world.owe(plans: 2)
        let owed = world.ledger.inspect { $0.events.map(\.event.id) }
        world.broker.answerNext(.events, .confirm, answer, .confirm)
        try await world.run([.relay]) {
            await world.time.waitForSleepers()
            #expect(world.ledger.inspect { $0.events.map(\.event.id) } == owed)
            _ = try await world.owe()
            await world.pass(1_000)
            await world.ledger.until(isNothingOwed)
        }
        let batches = world.broker.record.eventBatches.map { $0.map(\.id) }
        #expect(batches[0] == owed)
        // Nothing left behind it before it was published again, with what had been committed meanwhile or before that.
        let last = world.broker.record.events.map(\.id).suffix(owed.count + 1)
        #expect(Array(last.prefix(owed.count)) == owed)
        #expect(batches.dropFirst().flatMap(\.self) == Array(last))
    }

    @Test func `an event leaves while the one before it waits for its confirm`() async throws {
        try await world.addTarget()
        try await world.run([.relay]) {
            await world.ledger.until(isNothingOwed)
            let before = world.broker.record.eventBatches.count
            world.broker.holdEventConfirms()
            _ = try await world.owe()
            await world.broker.until { $0.eventBatches.count == before + 1 }
            _ = try await world.owe()
            await world.broker.until { $0.eventBatches.count == before + 2 }
            #expect(!world.ledger.inspect(isNothingOwed))
            world.broker.releaseEventConfirms()
            await world.ledger.until(isNothingOwed)
        }
        let ids = world.broker.record.events.map(\.id)
        #expect(Set(ids).count == ids.count)
    }

    @Test func `an outage of broker and ledger skips nothing`() async throws {
        try await world.addTarget()
        world.broker.disconnect()
        _ = try await world.owe(plans: 2)
        let owed = world.ledger.inspect { $0.events.map(\.event.id) }
        try await world.run([.relay]) {
            await world.pass(1_000)
            await world.time.waitForSleepers()
            world.ledger.failNext(.confirm)
            world.broker.connect()
            await world.pass(1_000)
            await world.broker.until { $0.events.map(\.id) == owed }
            await world.pass(1_000)
            await world.ledger.until(isNothingOwed)
        }
        #expect(world.broker.record.events.map(\.id) == owed)
    }
}
