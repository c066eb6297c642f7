import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("Calling off, through the whole service", .timeLimit(.minutes(2)))
struct RecallTests {
    private static func cancellation(id: Int64? = nil, key: String? = nil, domain: Int64 = 1) -> [UInt8] {
        var object: JSONObject = ["domainId": .integer(domain)]
        if let id { object["planId"] = .integer(id) }
        if let key { object["idempotencyKey"] = .string(key) }
        return JSON.object(object).serialized()
    }

    @Test func `a plan that waits for its time is called off over AMQP, again without effect`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let later = system.service.useCases.now().adding(milliseconds: 1_500)
            let plan = Plans.owner(key: "later", targets: [target.id], changes: ["scheduledAt": .string(later.iso8601)])
            let id = try #require(try await system.ask(plan).planID)
            for body in [Self.cancellation(id: id), Self.cancellation(key: "later")] {
                let reply = try await system.ask(body, routingKey: "plan.cancel")
                #expect(reply.planID == id)
                #expect(reply.object["status"]?.stringValue == "cancelled")
            }
            let cancelled = try await system.events.wait(type: "plan.cancelled")[0]
            #expect(cancelled.data["counts"]?.objectValue?["cancelled"]?.integerValue == 1)
            // What is handed out after its time is past it.
            let marker = try await system.createTarget(path: "/marker")
            let after = later.adding(milliseconds: 1_000)
            try await system.publish(
                Plans.owner(key: "marker", targets: [marker.id], changes: ["scheduledAt": .string(after.iso8601)]))
            try await system.events.wait(type: "plan.completed")
            #expect(system.receiver.count(at: "/ok") == 0)
            #expect(system.events.events.count { $0.type == "distribution.job.cancelled" } == 1)
            #expect(system.events.events.count { $0.type == "distribution.plan.cancelled" } == 1)
        }
    }

    @Test func `a cancellation that comes before its plan calls it off when it comes`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let remembered = try await system.ask(Self.cancellation(key: "early"), routingKey: "plan.cancel")
            #expect(remembered.object["id"] == .null)
            #expect(remembered.object["rememberedUntil"]?.stringValue != nil)
            let plan = try await system.ask(Plans.owner(key: "early", targets: [target.id]))
            #expect(plan.planID != nil)
            #expect(plan.object["status"]?.stringValue == "cancelled")
            try await system.deliverMarker("marker", to: target)
            #expect(system.receiver.count() == 1)
            let kinds = system.events.events.filter { $0.plan["idempotencyKey"]?.stringValue == "early" }.map(\.type)
            #expect(
                kinds == ["distribution.plan.accepted", "distribution.job.cancelled", "distribution.plan.cancelled"])
        }
    }

    @Test func `a plan is called off over REST by its key, before it comes and after`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let target = try await system.createTarget()
            for query in ["?mode=dry_run", ""] {
                let remembered = try await api.send("POST", "/plans/cancel" + query, ["idempotencyKey": "early"])
                #expect((remembered.status, remembered.data["id"]) == (200, .null))
                #expect(remembered.data["rememberedUntil"]?.stringValue != nil)
            }
            let early = try await system.ask(Plans.owner(key: "early", targets: [target.id]))
            #expect(early.object["status"]?.stringValue == "cancelled")
            let again = try await api.send("POST", "/plans/cancel", ["idempotencyKey": "early"])
            #expect(again["x-idempotent-replayed"] == "true")
            #expect(again.data["id"]?.integerValue == early.planID)
            #expect(again.data["idempotencyKey"]?.stringValue == "early")
            try await system.deliverMarker("marker", to: target)
            let over = try await api.send("POST", "/plans/cancel", ["idempotencyKey": "marker"])
            #expect((over.status, over.code) == (409, "PLAN_CANCEL_FORBIDDEN"))
            for body: JSONObject in [[:], ["planId": 1], ["idempotencyKey": ""], ["idempotencyKey": 5]] {
                #expect(try await api.send("POST", "/plans/cancel", body).code == "VALIDATION_ERROR")
            }
            let foreign = try await api.send("POST", "/plans/cancel", ["idempotencyKey": "marker", "domainId": 2])
            #expect(foreign.code == "INVALID_DOMAIN_CONTEXT")
        }
    }

    @Test func `a plan in flight is called off over REST, and what its attempt achieves counts`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            system.receiver.respond(at: "/slow", with: .delay(milliseconds: 700, then: .accept))
            let slow = try await system.createTarget(path: "/slow")
            let refusing = try await system.createTarget(
                path: "/status/500", settings: ["retry": RetryTests.schedule("[60]")])
            let id = try #require(
                try await system.ask(Plans.owner(key: "running", targets: [slow.id, refusing.id])).planID)
            try await system.events.wait(type: "job.retrying")
            // Its queue may have been opened later than the other's: what has not begun yet would be called off, too.
            await system.receiver.waitForRequests(1, at: "/slow")
            let rehearsed = try await api.send("POST", "/plans/\(id)/cancel?mode=dry_run")
            #expect(rehearsed.data["status"]?.stringValue == "running")
            #expect(rehearsed.meta["dryRun"] == .bool(true))
            let cancelled = try await api.send("POST", "/plans/\(id)/cancel")
            #expect(cancelled.status == 200)
            #expect(cancelled.data["status"]?.stringValue == "cancelled")
            #expect(cancelled["x-idempotent-replayed"] == nil)
            #expect(cancelled.meta["availableActions"] == .array([]))
            try await system.events.wait(type: "job.succeeded")
            let again = try await api.send("POST", "/plans/\(id)/cancel")
            #expect(again.status == 200)
            #expect(again["x-idempotent-replayed"] == "true")
            let counts = again.data["counts"]?.objectValue
            #expect(counts?["succeeded"]?.integerValue == 1)
            #expect(counts?["cancelled"]?.integerValue == 1)
            #expect(system.receiver.count(at: "/slow") == 1)
            #expect(system.receiver.count(at: "/status/500") == 1)
            #expect(try await api.send("POST", "/plans/\(id)/retry").code == "JOB_RETRY_FORBIDDEN")
        }
    }

    @Test func `one job is called off over REST, and its plan goes on`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let target = try await system.createTarget(
                path: "/status/500", settings: ["retry": RetryTests.schedule("[60]")])
            let id = try #require(try await system.ask(Plans.owner(key: "one", targets: [target.id])).planID)
            try await system.events.wait(type: "job.retrying")
            let job = try #require(try await api.get("/jobs?planId=\(id)").list.first)
            let path = "/jobs/\(job["id"]?.integerValue ?? 0)"
            let shown = try await api.get(path)
            #expect(
                shown.meta["availableActions"]
                    == .array(["retry", "cancel"].map { "POST /api/distribution\(path)/\($0)" }.map { .string($0) }))
            let cancelled = try await api.send("POST", path + "/cancel")
            #expect(cancelled.data["status"]?.stringValue == "cancelled")
            #expect(try await api.send("POST", path + "/cancel")["x-idempotent-replayed"] == "true")
            #expect(try await api.get("/plans/\(id)").data["status"]?.stringValue == "failed")
            #expect(try await api.send("POST", path + "/retry").code == "JOB_RETRY_FORBIDDEN")
        }
    }

    @Test func `what has ended, or is not there, is refused over both`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let target = try await system.createTarget()
            let id = try #require(try await system.ask(Plans.owner(key: "done", targets: [target.id])).planID)
            try await system.events.wait(type: "plan.completed")
            let late = try await system.ask(Self.cancellation(id: id), routingKey: "plan.cancel")
            #expect(late.code == "PLAN_CANCEL_FORBIDDEN")
            let refused = try #require(try await system.fetch("distribution.dead.plans"))
            #expect(refused.header("x-error-code") == "PLAN_CANCEL_FORBIDDEN")
            let unknown = try await system.ask(Self.cancellation(id: 4711), routingKey: "plan.cancel")
            #expect(unknown.code == "PLAN_NOT_FOUND")
            let foreign = try await system.ask(Self.cancellation(id: id, domain: 2), routingKey: "plan.cancel")
            #expect(foreign.code == "PLAN_NOT_FOUND")

            let over = try await api.send("POST", "/plans/\(id)/cancel")
            #expect((over.status, over.code) == (409, "PLAN_CANCEL_FORBIDDEN"))
            let job = try #require(try await api.get("/jobs?planId=\(id)").list.first?["id"]?.integerValue)
            let ended = try await api.send("POST", "/jobs/\(job)/cancel")
            #expect((ended.status, ended.code) == (409, "JOB_CANCEL_FORBIDDEN"))
            #expect(try await api.send("POST", "/plans/4711/cancel").code == "PLAN_NOT_FOUND")
            #expect(try await api.send("POST", "/jobs/4711/cancel").code == "JOB_NOT_FOUND")
            #expect(try await api.send("POST", "/plans/x/cancel").code == "INVALID_ID")
        }
    }
}
