import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("Retry by hand and replay, through the whole service", .timeLimit(.minutes(2)))
struct ReplayTests {
    /// Targets that refuse until the receiver is told otherwise, and a plan that has failed there.
    private static func failedPlan(
        _ system: TestSystem, key: String, paths: [String]
    ) async throws -> (id: Int64, targets: [Target]) {
        var targets: [Target] = []
        for path in paths {
            system.receiver.respond(at: path, with: .status(500))
            targets.append(try await system.createTarget(path: path, settings: ["retry": RetryTests.schedule("[]")]))
        }
        let id = try #require(try await system.ask(Plans.owner(key: key, targets: targets.map(\.id))).planID)
        try await system.events.wait { event in
            event.type == "distribution.plan.completed" && event.plan["id"]?.integerValue == id
        }
        return (id, targets)
    }

    @Test func `a dead letter that is replayed succeeds with the same bytes and delivery id`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let (id, targets) = try await Self.failedPlan(system, key: "dead", paths: ["/a"])
            system.receiver.respond(at: "/a", with: .accept)
            let filter: JSONObject = [
                "targetId": .integer(targets[0].id.rawValue), "errorCode": "HTTP_STATUS", "channelType": "webhook",
                "diedBefore": .string(system.service.useCases.now().adding(milliseconds: 1_000).iso8601),
            ]
            let counted = try await api.send("POST", "/dead-letters/replay?mode=dry_run", filter)
            #expect((counted.status, counted.data["replayed"]?.integerValue) == (200, 1))
            #expect(counted.meta["dryRun"] == .bool(true))
            #expect(try await api.get("/dead-letters").list.count == 1)
            let moment = filter["diedBefore"]?.stringValue ?? ""
            #expect(try await api.get("/dead-letters?diedBefore=\(moment)").list.count == 1)
            #expect(try await api.get("/dead-letters?diedFrom=\(moment)").list.isEmpty)
            #expect(try await api.get("/dead-letters?diedFrom=yesterday").code == "VALIDATION_ERROR")

            let accepted = try await api.send("POST", "/dead-letters/replay", filter)
            #expect((accepted.status, accepted.data["total"]?.integerValue) == (202, 1))
            let path = try #require(accepted["location"])
            #expect(path == "/api/distribution/dead-letters/replays/\(accepted.data["id"]?.integerValue ?? 0)")
            try await system.events.wait(for: 2, type: "plan.completed")
            let requests = system.receiver.requests(at: "/a")
            try #require(requests.count == 2)
            #expect(requests[0].deliveryID == requests[1].deliveryID)
            #expect(requests[0].body == requests[1].body)
            let plan = try await api.get("/plans/\(id)")
            #expect(plan.data["status"]?.stringValue == "succeeded")
            #expect(try await api.get("/dead-letters").list.isEmpty)
            let kinds = system.events.events.filter { $0.plan["id"]?.integerValue == id }
                .map { $0.type.dropFirst("distribution.".count) }
            #expect(
                kinds == [
                    "plan.accepted", "job.failed", "plan.completed", "plan.reopened", "job.replayed", "job.succeeded",
                    "plan.completed",
                ])
            let ended = try await api.send("GET", absolute: path)
            #expect(ended.data["status"]?.stringValue == "done")
            #expect(ended.data["replayed"]?.integerValue == 1)
            let again = try await api.run("POST", "/dead-letters/replay", filter)
            #expect(again.data["replayed"]?.integerValue == 0)
            // The queue's copy is neither read nor removed.
            #expect(try await system.depth("distribution.dead.webhook") == 1)
        }
    }

    @Test func `a dead letter that an operator moves to the jobs is replayed, and a second copy is stale`() async throws
    {
        try await TestSystem.with { system in
            let letters = try await QueueReader(system.client, queue: "distribution.dead.webhook")
            _ = try await Self.failedPlan(system, key: "moved", paths: ["/a"])
            let letter = try await letters.next()
            let message = OutgoingMessage(
                exchange: "distribution.jobs", routingKey: letter.routingKey, properties: letter.properties,
                body: letter.body)
            system.receiver.respond(at: "/a", with: .accept)
            for _ in 1...2 { #expect(await system.client.makePublisher().publish(message) == .confirmed) }
            let completed = try await system.events.wait(for: 2, type: "plan.completed")[1]
            #expect(completed.plan["status"]?.stringValue == "succeeded")
            try await system.deliverMarker("marker", to: try await system.createTarget(path: "/marker"))
            #expect(system.receiver.count(at: "/a") == 2)
            #expect(Set(system.receiver.requests(at: "/a").map(\.deliveryID)).count == 1)
            #expect(system.events.events.count { $0.type == "distribution.job.replayed" } == 1)
        }
    }

    @Test func `a retried plan tries what failed again, and nothing else`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let good = try await system.createTarget(path: "/good")
            system.receiver.respond(at: "/bad", with: .status(500))
            let bad = try await system.createTarget(path: "/bad", settings: ["retry": RetryTests.schedule("[]")])
            let id = try #require(
                try await system.ask(Plans.owner(key: "partial", targets: [good.id, bad.id])).planID)
            let completed = try await system.events.wait(type: "plan.completed")[0]
            #expect(completed.plan["status"]?.stringValue == "partial")
            let shown = try await api.get("/plans/\(id)")
            let retry = "POST /api/distribution/plans/\(id)/retry"
            #expect(shown.meta["availableActions"] == .array([.string(retry)]))
            #expect(shown.data["recommendedNextAction"]?.stringValue?.contains(retry) == true)

            // Still refused: it dies again and can be tried again.
            let retried = try await api.send("POST", "/plans/\(id)/retry")
            #expect((retried.status, retried.data["status"]?.stringValue) == (200, "running"))
            try await system.events.wait(for: 2, type: "plan.completed")
            system.receiver.respond(at: "/bad", with: .accept)
            _ = try await api.send("POST", "/plans/\(id)/retry")
            let last = try await system.events.wait(for: 3, type: "plan.completed")[2]
            #expect(last.plan["status"]?.stringValue == "succeeded")
            #expect(system.receiver.count(at: "/good") == 1)
            #expect(system.receiver.count(at: "/bad") == 3)
            let refused = try await api.send("POST", "/plans/\(id)/retry")
            #expect((refused.status, refused.code) == (409, "JOB_RETRY_FORBIDDEN"))
            let job = try #require(try await api.get("/jobs?targetId=\(bad.id)").list.first?["id"]?.integerValue)
            let attempts = try await api.get("/jobs/\(job)").data["attempts"]?.arrayValue?.compactMap(\.objectValue)
            #expect(attempts?.map { $0["number"]?.integerValue } == [1, 2, 3])
            #expect(try await api.send("POST", "/jobs/\(job)/retry").code == "JOB_RETRY_FORBIDDEN")
        }
    }

    @Test func `a job that waits for its next attempt is tried at once`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let target = try await system.createTarget(
                path: "/fail-first/1/503", settings: ["retry": RetryTests.schedule("[3600]")])
            _ = try await system.ask(Plans.owner(key: "impatient", targets: [target.id]))
            let retrying = try await system.events.wait(type: "job.retrying")[0]
            let job = try #require(retrying.job["id"]?.integerValue)
            let retried = try await api.send("POST", "/jobs/\(job)/retry")
            #expect(retried.status == 200)
            let completed = try await system.events.wait(type: "plan.completed")[0]
            #expect(completed.plan["status"]?.stringValue == "succeeded")
            #expect(system.receiver.count() == 2)
        }
    }

    @Test func `named dead letters are replayed, and what is no dead letter is counted as skipped`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let (id, targets) = try await Self.failedPlan(system, key: "named", paths: ["/a", "/b", "/c"])
            for path in ["/a", "/b", "/c"] { system.receiver.respond(at: path, with: .accept) }
            let jobs = try await api.get("/jobs?planId=\(id)").list.compactMap { $0["id"]?.integerValue }
            let ids: JSON = .array([.integer(jobs[0]), .integer(4711)])
            let named = try await api.run("POST", "/dead-letters/replay", ["jobIds": ids])
            #expect(named.data["replayed"]?.integerValue == 1)
            #expect(named.data["skipped"]?.integerValue == 1)
            _ = try await system.service.useCases.deleteTarget(targets[2].id, domainID: TestSystem.domain)
            let lost = try await api.get("/jobs/\(jobs[2])")
            #expect(lost.meta["availableActions"] == .array([.string("POST /api/distribution/plans")]))
            let all = try await api.run("POST", "/dead-letters/replay", ["all": true])
            #expect(all.data["replayed"]?.integerValue == 1)
            #expect(all.data["skipped"]?.integerValue == 1)
            try await system.events.wait(for: 2, type: "job.succeeded")
            #expect(system.receiver.count(at: "/c") == 1)
            for body in [[:], ["all": true, "planId": 1], ["jobIds": .array([])], ["planID": 1]] as [JSONObject] {
                let refused = try await api.send("POST", "/dead-letters/replay", body)
                #expect((refused.status, refused.code) == (400, "VALIDATION_ERROR"))
            }
        }
    }

    @Test func `a repeated request is the same replay, another with its key is refused`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let (_, targets) = try await Self.failedPlan(system, key: "keyed", paths: ["/a"])
            let body: JSONObject = ["targetId": .integer(targets[0].id.rawValue), "ratePerSecond": 10_000]
            let key = ["idempotency-key": "again"]
            let first = try await api.send("POST", "/dead-letters/replay", body, key)
            let second = try await api.send("POST", "/dead-letters/replay", body, key)
            #expect((first.status, second.status) == (202, 200))
            #expect(second["x-idempotent-replayed"] == "true")
            #expect(second.data["id"] == first.data["id"])
            let other = try await api.send("POST", "/dead-letters/replay", ["all": true], key)
            #expect((other.status, other.code) == (409, "IDEMPOTENCY_KEY_REUSED"))
            let mixed = try await api.send(
                "POST", "/dead-letters/replay", ["all": true, "idempotencyKey": "another"], key)
            #expect(mixed.code == "VALIDATION_ERROR")
            let listed = try await api.get("/dead-letters/replays").list
            #expect(listed.map { $0["id"] } == [first.data["id"]])
            #expect(try await api.get("/dead-letters/replays/99").code == "RUN_NOT_FOUND")
            let tooFast = try await api.send("POST", "/dead-letters/replay", ["all": true, "ratePerSecond": 0])
            #expect(tooFast.code == "VALIDATION_ERROR")
        }
    }

    @Test func `a purged letter is gone from the list, its job tells its story, and its copy stays`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let (id, targets) = try await Self.failedPlan(system, key: "purged", paths: ["/a", "/b"])
            let filter = "/dead-letters?targetId=\(targets[0].id)"
            let counted = try await api.send("DELETE", filter + "&mode=dry_run")
            #expect((counted.status, counted.data["purged"]?.integerValue) == (200, 1))
            #expect(try await api.get("/dead-letters").list.count == 2)
            for query in ["", "?all=true&targetId=1", "?status=failed", "?diedBefore=yesterday"] {
                #expect(try await api.send("DELETE", "/dead-letters" + query).code == "VALIDATION_ERROR")
            }
            let purged = try await api.run("DELETE", filter)
            #expect(purged.data["status"]?.stringValue == "done")
            #expect(purged.data["purged"]?.integerValue == 1)
            let letters = try await api.get("/dead-letters").list
            #expect(letters.map { $0["targetId"]?.integerValue } == [targets[1].id.rawValue])
            let failed = try await api.get("/jobs?planId=\(id)&status=failed").list
            #expect(failed.count == 2)
            let job = try #require(failed.first?["id"]?.integerValue)
            for answer in [try await api.get("/dead-letters/\(job)"), try await api.send("POST", "/jobs/\(job)/retry")]
            {
                #expect((answer.status, answer.code) == (410, "DEAD_LETTER_EXPIRED"))
            }
            #expect(try await api.get("/jobs/\(job)").data["attempts"]?.arrayValue?.count == 1)
            let replayed = try await api.run("POST", "/dead-letters/replay", ["jobIds": .array([.integer(job)])])
            #expect((replayed.data["replayed"], replayed.data["skipped"]) == (.integer(0), .integer(1)))
            #expect(try await system.depth("distribution.dead.webhook") == 2)
            let ledger = try LedgerFile(system)
            #expect(try ledger.number("SELECT sum(uses) FROM distribution_payloads") == 1)
            #expect(try await api.run("DELETE", "/dead-letters?all=true").data["purged"]?.integerValue == 1)
            #expect(try ledger.number("SELECT count(*) FROM distribution_payloads") == 0)
        }
    }
}
