import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Refused plans", .timeLimit(.minutes(1)))
struct PlanRefusalTests {
    /// A plan message that cannot be taken, and the code that says why.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let message: InMemoryPlanMessage
        let code: ErrorCode

        init(_ description: String, _ message: InMemoryPlanMessage, _ code: ErrorCode) {
            testDescription = description
            self.message = message
            self.code = code
        }
    }

    static let cases = [
        Case("what is not JSON", InMemoryPlanMessage(Array(#"{"idempotencyKey""#.utf8)), .validationError),
        Case("an empty body", InMemoryPlanMessage([]), .validationError),
        Case(
            "an unknown routing key",
            InMemoryPlanMessage(Array(PlanMessages.body().utf8), routingKey: "plan.wished"), .unknownMessageType),
        Case(
            "a cancellation of no domain",
            InMemoryPlanMessage(Array(#"{"planId":1}"#.utf8), routingKey: "plan.cancel"), .validationError),
        Case(
            "too large a body", InMemoryPlanMessage(Array(repeating: 0x20, count: 1_048_577)), .payloadTooLarge),
        Case("no targets at all", PlanMessages.plan(selection: #""targets":[]"#), .targetsRequired),
        Case(
            "a target that does not exist", PlanMessages.plan(selection: #""targets":[{"targetId":99}]"#),
            .targetNotFound),
        Case(
            "another domain's target", PlanMessages.plan(selection: #""targets":[{"targetId":2}]"#), .targetNotFound),
        Case("a domain without targets", PlanMessages.plan(domain: 3), .noTargets),
        Case("a channel without targets", PlanMessages.plan(selection: #""channelTypes":["feed"]"#), .noTargets),
        Case(
            "a channel with no adapter", PlanMessages.plan(selection: #""targets":[{"targetId":3}]"#), .notSupported),
    ]

    private func world() async throws -> World {
        let world = World()
        try await world.addTarget()
        try await world.addTarget(domain: DomainID(2))
        try await world.addTarget(channel: .partner)
        return world
    }

    @Test("is shown among the dead plans, told of, acked, and uses nothing up", arguments: cases)
    func refused(example: Case) async throws {
        let world = try await world()
        try await world.run([.planner]) {
            world.broker.send(example.message)
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
        }
        let record = world.broker.record
        #expect(record.refusedPlans.map(\.refusal.code) == [example.code])
        let shown = String(decoding: try #require(record.refusedPlans.first).sanitizedBody, as: UTF8.self)
        #expect(!shown.contains(PlanMessages.confidential))
        #expect(world.owedEvents().count { $0.hasSuffix(".plan.rejected") } == 1)
        #expect(world.ledger.inspect { $0.plans.isEmpty })
        #expect(record.givenBack(.plans).isEmpty)
    }

    @Test func `the queue goes on behind a refused plan, and its key can be used`() async throws {
        let world = try await world()
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan(selection: #""targets":[{"targetId":99}]"#))
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
            world.broker.send(PlanMessages.plan(selection: #""targets":[{"targetId":1}]"#))
            await world.broker.until { $0.acknowledged(.plans).count == 2 }
        }
        #expect(world.ledger.inspect { $0.plans.map(\.plan.idempotencyKey) } == ["key-1"])
    }

    @Test func `a refusal that could not be shown gives the message back, and is told of once`() async throws {
        let world = try await world()
        world.broker.answerNext(.refusedPlans, .refuse, .loseConfirm)
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan(domain: 3))
            for count in 1...2 {
                // Given back at once it would come again at once.
                await world.time.waitForSleepers()
                #expect(world.broker.record.settled.count == count - 1)
                await world.pass(500)
                await world.broker.until { $0.settled.count == count }
            }
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
        }
        #expect(world.broker.record.settled.map(\.isAcknowledged) == [false, false, true])
        #expect(world.broker.record.refusedPlans.count == 2)
        #expect(world.owedEvents() == ["3.plan.rejected"])
    }

    @Test func `a refusal is acked only once its event is committed`() async throws {
        let world = try await world()
        world.ledger.failNext(.recordRejection, times: 2)
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan(selection: #""targets":[{"targetId":99}]"#))
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            await world.pass(5_000)
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            await world.pass(5_000)
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
        }
        #expect(world.owedEvents() == ["1.plan.rejected"])
        #expect(world.broker.record.refusedPlans.count == 1)
    }
}
