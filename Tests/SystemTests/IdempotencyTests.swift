import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("A plan that comes twice", .timeLimit(.minutes(2)))
struct IdempotencyTests {
    @Test func `the same key with the same body is the same plan, and nothing is sent twice`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let plan = Plans.owner(key: "same", targets: [target.id])
            let first = try await system.ask(plan)
            try await system.events.wait(type: "plan.completed")
            let second = try await system.ask(plan)
            #expect(first.planID != nil)
            #expect(second.planID == first.planID)
            #expect(second.object["status"]?.stringValue == "succeeded")
            // What does not matter may differ: the order of members, who asks, the request's id.
            var reordered = JSONObject(plan.members.reversed().map { ($0.name, $0.value) })
            reordered["requestId"] = "another"
            #expect(try await system.ask(reordered).planID == first.planID)
            try await system.deliverMarker("marker", to: target)
            #expect(system.receiver.count() == 2)
            #expect(system.events.events.count { $0.type == "distribution.plan.accepted" } == 2)
            #expect(try await system.service.useCases.plans(domainID: .init(1), Page(), status: nil).count == 2)
            #expect(try await system.depth("distribution.dead.plans") == 0)
        }
    }

    @Test func `copies that are handled at once make one plan`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let body = JSON.object(Plans.owner(key: "burst", targets: [target.id])).serialized()
            let copies = (0..<40).map { _ in
                OutgoingMessage(exchange: "distribution.plans", routingKey: "plan.requested", body: body)
            }
            let results = await system.client.makePublisher().publish(copies)
            #expect(results.allSatisfy { $0 == .confirmed })
            let completed = try await system.events.wait(type: "plan.completed")[0]
            let last = try await system.ask(body)
            #expect(last.planID == completed.plan["id"]?.integerValue)
            try await system.deliverMarker("marker", to: target)
            #expect(system.receiver.count() == 2)
            #expect(try await system.service.useCases.plans(domainID: .init(1), Page(), status: nil).count == 2)
        }
    }

    @Test func `the same key with another body is refused, and the first plan stands`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let first = try await system.ask(Plans.owner(key: "k", targets: [target.id]))
            let other = try await system.ask(Plans.owner(key: "k", targets: [target.id], version: 2))
            #expect(other.code == "IDEMPOTENCY_KEY_REUSED")
            #expect(other.object["context"]?.objectValue?["planId"]?.stringValue == first.planID.map { "\($0)" })
            let rejected = try await system.events.wait(type: "plan.rejected")[0]
            #expect(rejected.plan["idempotencyKey"]?.stringValue == "k")
            #expect(rejected.data["error"]?.objectValue?["code"]?.stringValue == "IDEMPOTENCY_KEY_REUSED")
            let dead = try #require(try await system.fetch("distribution.dead.plans"))
            #expect(dead.header("x-error-code") == "IDEMPOTENCY_KEY_REUSED")
            #expect(try await system.service.useCases.plans(domainID: .init(1), Page(), status: nil).count == 1)
        }
    }

    @Test func `another domain's key is another key`() async throws {
        try await TestSystem.with { system in
            let one = try await system.createTarget()
            let two = try await system.createTarget(path: "/two", domainID: DomainID(2))
            let first = try await system.ask(Plans.owner(key: "k", targets: [one.id]))
            let second = try await system.ask(Plans.owner(key: "k", targets: [two.id], domainID: 2))
            #expect(first.planID != nil)
            #expect(second.planID != nil)
            #expect(first.planID != second.planID)
        }
    }

    @Test func `AMQP and HTTP share the keys`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let plan = Plans.owner(key: "both", targets: [target.id])
            let overAMQP = try await system.ask(plan)
            let api = try APIProbe(system)
            let again = try await api.send("POST", "/plans", plan)
            #expect(again.status == 200)
            #expect(again["x-idempotent-replayed"] == "true")
            #expect(again.data["id"]?.integerValue == overAMQP.planID)
            let reused = try await api.send(
                "POST", "/plans", Plans.owner(key: "both", targets: [target.id], version: 9))
            #expect(reused.status == 409)
            #expect(reused.code == "IDEMPOTENCY_KEY_REUSED")
            let fresh = try await api.send("POST", "/plans", Plans.owner(key: "http first", targets: [target.id]))
            #expect(fresh["x-idempotent-replayed"] == nil)
            let overAMQPAgain = try await system.ask(Plans.owner(key: "http first", targets: [target.id]))
            #expect(overAMQPAgain.planID == fresh.data["id"]?.integerValue)
            try await system.events.wait(for: 2, type: "plan.completed")
            #expect(system.receiver.count() == 2)
        }
    }

    @Test func `a plan that comes again after its target was deleted finds itself`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let plan = Plans.owner(key: "survivor", targets: [target.id])
            let first = try await system.ask(plan)
            try await system.events.wait(type: "plan.completed")
            _ = try await system.service.useCases.deleteTarget(target.id, domainID: TestSystem.domain)
            let again = try await system.ask(plan)
            #expect(again.planID == first.planID)
            #expect(again.code == nil)
            let unknown = try await system.ask(Plans.owner(key: "newcomer", targets: [target.id]))
            #expect(unknown.code == "TARGET_NOT_FOUND")
        }
    }

    @Test func `the message id serves as key where the body has none`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let body = JSON.object(Plans.owner(key: "x", targets: [target.id]).without("idempotencyKey")).serialized()
            let first = try await system.ask(body, properties: MessageProperties(messageID: "from-message-id"))
            let second = try await system.ask(body, properties: MessageProperties(messageID: "from-message-id"))
            #expect(first.planID != nil)
            #expect(second.planID == first.planID)
            let completed = try await system.events.wait(type: "plan.completed")[0]
            #expect(completed.plan["idempotencyKey"]?.stringValue == "from-message-id")
        }
    }
}
