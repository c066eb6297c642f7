import Distribution
import LocalReceiver
import Testing

@testable import clawcast

@Suite("The API's plans", .timeLimit(.minutes(2)))
struct APIPlanTests {
    @Test func `a plan over REST is delivered, attributed to its key, and shown with its receipt`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let target = try await system.createTarget()
            var plan = Plans.owner(key: "rest", targets: [target.id])
            plan["awaitDelivery"] = .bool(true)
            let created = try await api.send("POST", "/plans", plan.without("domainId").without("requestId"))
            #expect(created.status == 201)
            #expect(created.data["status"]?.stringValue == "succeeded")
            #expect(created.data["jobsTruncated"] == .bool(false))
            #expect(created.meta["recommendedNextAction"] == created.data["recommendedNextAction"])
            let id = try #require(created.data["id"]?.integerValue)
            #expect(created["location"] == "/api/distribution/plans/\(id)")

            #expect(try await api.get("/plans/\(id)").data == created.data)
            let listed = try await api.get("/plans?status=succeeded").list
            #expect(listed.map { $0["id"]?.integerValue } == [id])
            let author = listed.first?["createdBy"]?.objectValue
            #expect(author?["actorType"]?.stringValue == "api_key")
            #expect(author?["actorId"]?.stringValue != "api_key:12")
            #expect(listed.first?["requestId"]?.stringValue == created["x-request-id"])

            let job = try #require(try await api.get("/jobs?planId=\(id)&status=succeeded").list.first)
            let detail = try await api.get("/jobs/\(job["id"]?.integerValue ?? 0)")
            #expect(detail.data["attempts"]?.arrayValue?.count == 1)
            #expect(try await api.get("/receipts").list.map { $0["jobId"] } == [job["id"]])
            #expect(system.receiver.count() == 1)
        }
    }

    @Test func `the same key and request are the same plan, another request is refused`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let target = try await system.createTarget()
            let plan = Plans.owner(key: "unused", targets: [target.id]).without("idempotencyKey")
            let first = try await api.send("POST", "/plans", plan, ["idempotency-key": "once"])
            #expect(first.status == 201)
            #expect(first["x-idempotent-replayed"] == nil)
            let again = try await api.send("POST", "/plans", plan, ["idempotency-key": "once"])
            #expect(again.status == 200)
            #expect(again["x-idempotent-replayed"] == "true")
            #expect(again.data["id"] == first.data["id"])

            let other = Plans.owner(key: "once", targets: [target.id], version: 2)
            let refused = try await api.send("POST", "/plans", other)
            #expect(refused.status == 409)
            #expect(refused.code == "IDEMPOTENCY_KEY_REUSED")
            let torn = try await api.send("POST", "/plans", other, ["idempotency-key": "twice"])
            #expect(torn.code == "VALIDATION_ERROR")
            #expect(try await api.send("POST", "/plans", plan).code == "VALIDATION_ERROR")
            #expect(try await api.get("/plans").list.count == 1)
        }
    }

    @Test func `a dry run resolves and decides, and writes nothing`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let target = try await system.createTarget()
            let plan = Plans.owner(key: "dry", targets: [target.id])
            let rehearsed = try await api.send("POST", "/plans?mode=dry_run", plan)
            #expect(rehearsed.status == 200)
            #expect(rehearsed.data["id"]?.integerValue == 0)
            #expect(rehearsed.data["counts"]?.objectValue?["total"]?.integerValue == 1)
            #expect(rehearsed.meta["dryRun"] == .bool(true))
            #expect(try await api.get("/plans").list.isEmpty)
            let missing = Plans.owner(key: "dry", targets: [TargetID(999)])
            #expect(try await api.send("POST", "/plans?mode=dry_run", missing).code == "TARGET_NOT_FOUND")
        }
    }

    @Test func `what failed for good is listed among the dead letters with its bytes`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let retry: JSONObject = ["scheduleSeconds": .array([])]
            let target = try await system.createTarget(
                path: "/status/500", settings: ["retry": .object(retry)])
            var plan = Plans.owner(key: "dead", targets: [target.id])
            plan["awaitDelivery"] = .bool(true)
            let ended = try await api.send("POST", "/plans", plan)
            #expect(ended.data["status"]?.stringValue == "failed")
            let action = "POST /api/distribution/plans/\(ended.data["id"]?.integerValue ?? 0)/retry"
            #expect(ended.meta["availableActions"] == .array([.string(action)]))

            let letters = try await api.get("/dead-letters?errorCode=HTTP_STATUS").list
            let letter = try #require(letters.first)
            #expect(letters.count == 1)
            let detail = try await api.get("/dead-letters/\(letter["jobId"]?.integerValue ?? 0)")
            #expect(detail.data["error"]?.objectValue?["statusCode"]?.integerValue == 500)
            let body = detail.data["payload"]?.objectValue?["body"]?.stringValue
            #expect(body?.contains("content_item.distributed") == true)
            #expect(try await api.get("/dead-letters?errorCode=TIMEOUT").list.isEmpty)
            #expect(try await api.get("/dead-letters/4711").code == "JOB_NOT_FOUND")
        }
    }
}
