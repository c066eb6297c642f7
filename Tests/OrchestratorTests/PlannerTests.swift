import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Planner", .timeLimit(.minutes(1)))
struct PlannerTests {
    private let world = World()

    @Test func `a plan is taken over, acked and handed to the releaser`() async throws {
        let target = try await world.addTarget(isOpen: true)
        try await world.run([.planner, .releaser]) {
            let number = world.broker.send(PlanMessages.plan())
            await world.broker.until { $0.acknowledged(.plans).map(\.number) == [number] && !$0.jobs.isEmpty }
        }
        let job = try #require(world.broker.record.jobs.first)
        #expect((job.claim.targetID, job.claim.epoch, job.attempt) == (target.id, 1, 1))
        #expect(job.body == Array("webhook 88.3 excerpt=false".utf8))
        #expect(world.owedEvents() == ["1.plan.accepted"])
    }

    @Test func `nothing is acked before it is committed, and an outage only delays`() async throws {
        try await world.addTarget()
        world.ledger.becomeUnavailable("the disk is full")
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan())
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            #expect(world.health.obstacles.contains("ledger unavailable: the disk is full"))
            await world.pass(5_000)
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            world.ledger.recover()
            await world.pass(5_000)
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
        }
        #expect(world.ledger.inspect { $0.plans.count } == 1)
        #expect(!world.health.obstacles.contains { $0.hasPrefix("ledger") })
    }

    @Test func `a write that can never succeed gives the message back, not at once`() async throws {
        try await world.addTarget()
        world.ledger.failNext(.accept, as: .invalid)
        try await world.run([.planner]) {
            let number = world.broker.send(PlanMessages.plan())
            await world.time.waitForSleepers()
            #expect(world.broker.record.settled.isEmpty)
            await world.pass(500)
            await world.broker.until { $0.settled.count == 2 }
            #expect(world.broker.record.settled.map(\.isAcknowledged) == [false, true])
            #expect(world.broker.record.settled.map(\.number) == [number, number])
        }
        #expect(world.ledger.inspect { $0.plans.count } == 1)
    }

    @Test func `the same request again is acked and creates nothing`() async throws {
        try await world.addTarget()
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan(replyTo: "amq.rabbitmq.reply-to.1"))
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
            world.broker.send(PlanMessages.plan(replyTo: "amq.rabbitmq.reply-to.2"))
            await world.broker.until { $0.acknowledged(.plans).count == 2 }
        }
        #expect(world.ledger.inspect { ($0.plans.count, $0.jobs.count) } == (1, 1))
        #expect(world.owedEvents() == ["1.plan.accepted"])
        let replies = world.broker.record.replies
        try #require(replies.count == 2)
        #expect(replies.map(\.address) == ["amq.rabbitmq.reply-to.1", "amq.rabbitmq.reply-to.2"])
        #expect(replies[0].body == replies[1].body)
        #expect(world.broker.record.refusedPlans.isEmpty)
    }

    @Test func `a repetition is recognized even when its targets are gone`() async throws {
        let target = try await world.addTarget()
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan())
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
            _ = try await world.ledger.deleteTarget(target.id)
            world.directory.remove(target.id)
            world.broker.send(PlanMessages.plan())
            await world.broker.until { $0.acknowledged(.plans).count == 2 }
        }
        #expect(world.broker.record.refusedPlans.isEmpty)
    }

    @Test func `a key that was used for another request refuses it and keeps the first`() async throws {
        try await world.addTarget()
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan(version: 3))
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
            world.broker.send(PlanMessages.plan(version: 4))
            await world.broker.until { $0.acknowledged(.plans).count == 2 }
        }
        let refused = try #require(world.broker.record.refusedPlans.first)
        #expect(refused.refusal.code == .idempotencyKeyReused)
        #expect(refused.refusal.context["planId"] == "1")
        #expect(world.ledger.inspect { $0.plans.map(\.plan.contentVersion) } == [3])
        #expect(world.owedEvents() == ["1.plan.accepted", "1.plan.rejected"])
    }

    @Test func `a target that is deleted meanwhile has the plan resolved anew`() async throws {
        let gone = try await world.addTarget()
        let target = try await world.addTarget()
        // The ledger has deleted it, and the directory does not hear of that.
        _ = try await world.ledger.deleteTarget(gone.id)
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan())
            await world.broker.until { $0.acknowledged(.plans).count == 1 }
        }
        #expect(world.ledger.inspect { $0.jobs.map(\.job.targetID) } == [target.id])
    }

    @Test func `whoever asks for a reply gets the plan, or why there is none`() async throws {
        try await world.addTarget()
        try await world.run([.planner]) {
            world.broker.send(PlanMessages.plan(replyTo: "amq.rabbitmq.reply-to.1"))
            await world.broker.until { $0.replies.count == 1 }
            world.broker.send(PlanMessages.plan(key: "key-2", domain: 2, replyTo: "amq.rabbitmq.reply-to.2"))
            await world.broker.until { $0.replies.count == 2 }
        }
        let replies = world.broker.record.replies
        try #require(replies.count == 2)
        #expect(replies.map(\.correlationID) == ["correlation-1", "correlation-1"])
        let accepted = try JSON.parse(replies[0].body).objectValue
        #expect(accepted?["id"]?.integerValue == 1)
        let refused = String(decoding: replies[1].body, as: UTF8.self)
        #expect(refused.contains("NO_TARGETS"))
    }
}
