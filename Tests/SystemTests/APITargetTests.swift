import Distribution
import LocalReceiver
import Testing

@testable import clawcast

@Suite("The API's targets", .timeLimit(.minutes(2)))
struct APITargetTests {
    private static func document(_ name: String = "shop", url: String = "http://127.0.0.1:9/x") -> JSONObject {
        [
            "name": .string(name), "channelType": .string("webhook"),
            "config": .object(["url": .string(url)]),
        ]
    }

    @Test func `a target is created with its secret shown once, read, changed and deleted`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let created = try await api.send("POST", "/targets", Self.document())
            #expect(created.status == 201)
            let id = try #require(created.data["id"]?.integerValue)
            #expect(created["location"] == "/api/distribution/targets/\(id)")
            let shown = created.data["credentials"]?.objectValue?["secret"]?.objectValue
            #expect(shown?["value"]?.stringValue?.hasPrefix("whsec_") == true)
            #expect(created.meta["availableActions"] == .array([.string("POST /api/distribution/plans")]))

            let read = try await api.get("/targets/\(id)")
            #expect(read.status == 200)
            #expect(read.data["credentials"] == .object(["secret": .object(["set": .bool(true)])]))
            #expect(!read.text.contains("whsec_"))

            let changed = try await api.send(
                "PUT", "/targets/\(id)", ["name": .string("new"), "maxInFlight": .integer(2)])
            #expect(changed.status == 200)
            #expect(changed.data["name"]?.stringValue == "new")
            #expect(changed.data["maxInFlight"]?.integerValue == 2)
            #expect(changed.data["config"] == read.data["config"])
            let other = try await api.send("PUT", "/targets/\(id)", ["channelType": .string("feed")])
            #expect(other.code == "VALIDATION_ERROR")

            #expect(try await api.send("POST", "/targets/\(id)/enable").data["active"] == .bool(true))
            #expect(try await api.send("DELETE", "/targets/\(id)").status == 200)
            #expect(try await api.get("/targets/\(id)").code == "TARGET_NOT_FOUND")
        }
    }

    @Test func `a target is paused, its jobs say what they wait for, and it is resumed`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let target = try await system.createTarget()
            let path = "/targets/\(target.id)"
            #expect(try await api.get(path).data["status"] == .string("active"))
            let rehearsed = try await api.send("POST", "\(path)/pause?mode=dry_run")
            #expect(rehearsed.meta["dryRun"] == .bool(true))
            #expect(try await api.get(path).data["status"] == .string("active"))
            let paused = try await api.send("POST", "\(path)/pause", ["reason": .string("stocktaking")])
            #expect(paused.data["status"] == .string("paused"))
            #expect(paused.data["pauseReason"] == .string("stocktaking"))
            #expect(paused.data["pausedUntil"] == .null)
            #expect(paused.meta["availableActions"] == .array([.string("POST /api/distribution\(path)/resume")]))

            let plan = try await api.send("POST", "/plans", Plans.owner(key: "paused", targets: [target.id]))
            let jobs = try await api.get("/jobs?planId=\(try #require(plan.data["id"]?.integerValue))").list
            #expect(jobs.map { $0["waitingOn"] } == [.string("target_paused")])
            #expect(system.receiver.count() == 0)

            for body in [["until": .string("2020-01-01T00:00:00Z")], ["untill": .null]] as [JSONObject] {
                let refused = try await api.send("POST", "\(path)/pause", body)
                #expect(refused.status == 400 && refused.code == "VALIDATION_ERROR")
            }
            #expect(try await api.send("POST", "/targets/99/pause").code == "TARGET_NOT_FOUND")
            #expect(try await api.send("POST", "\(path)/resume").data["status"] == .string("active"))
            await system.receiver.waitForRequests(1)
        }
    }

    @Test func `a dry run changes nothing`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            let rehearsed = try await api.send("POST", "/targets?mode=dry_run", Self.document())
            #expect(rehearsed.status == 200)
            #expect(rehearsed.data["id"]?.integerValue == 0)
            #expect(rehearsed.meta["dryRun"] == .bool(true))
            #expect(try await api.get("/targets").list.isEmpty)

            let target = try await system.createTarget()
            #expect(try await api.send("DELETE", "/targets/\(target.id)?mode=dry_run").meta["dryRun"] == .bool(true))
            _ = try await api.send("PUT", "/targets/\(target.id)?mode=dry_run", ["name": .string("other")])
            #expect(try await api.get("/targets/\(target.id)").data["name"]?.stringValue == target.name)
            #expect(try await api.send("POST", "/targets?mode=wet", Self.document()).code == "VALIDATION_ERROR")
        }
    }

    @Test func `a list goes on by its cursor, and promises no empty page`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            var created: [Int64] = []
            for _ in 0..<4 { created.append(try await system.createTarget().id.rawValue) }
            var seen: [Int64] = []
            var path = "/targets?limit=2"
            var pages = 0
            while true {
                let page = try await api.get(path)
                pages += 1
                seen += page.list.compactMap { $0["id"]?.integerValue }
                guard page.meta["hasMore"] == .bool(true) else {
                    #expect(page.meta["nextCursor"] == .null)
                    break
                }
                path = "/targets?limit=2&cursor=" + (try #require(page.meta["nextCursor"]?.stringValue))
            }
            #expect(seen == created)
            #expect(pages == 2)
            for query in ["limit=0", "limit=501", "limit=x", "cursor=2", "cursor=djE6MA", "page=1", "limit=1&limit=2"] {
                let answer = try await api.get("/targets?\(query)")
                #expect(answer.status == 400)
                #expect(answer.code == "VALIDATION_ERROR", "\(query)")
            }
        }
    }

    @Test func `an id that is none is told so`() async throws {
        try await TestSystem.with { system in
            let api = try APIProbe(system)
            for id in ["0", "-1", "x", "1.5", "+1", "99999999999999999999"] {
                let answer = try await api.get("/targets/\(id)")
                #expect(answer.status == 400)
                #expect(answer.code == "INVALID_ID", "\(id)")
            }
            #expect(try await api.get("/jobs?planId=abc").code == "INVALID_ID")
        }
    }
}
