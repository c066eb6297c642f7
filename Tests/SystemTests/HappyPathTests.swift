import Distribution
import LocalReceiver
import Testing

@testable import clawcast

@Suite("A plan from end to end", .timeLimit(.minutes(2)))
struct HappyPathTests {
    @Test func `a plan over AMQP reaches every target signed, is receipted, and told in order`() async throws {
        try await TestSystem.with { system in
            var targets: [Target] = []
            for number in 0..<3 { targets.append(try await system.createTarget(path: "/t/\(number)")) }
            try await system.publish(Plans.owner(key: "one", targets: targets.map(\.id)))
            let completed = try await system.events.wait(type: "plan.completed")[0]

            #expect(completed.plan["status"]?.stringValue == "succeeded")
            #expect(completed.routingKey == "distribution.1.plan.completed")
            #expect(completed.contentType == "application/cloudevents+json")
            #expect(completed.correlationID == "request-one")
            #expect(completed.messageID == completed.envelope["id"]?.stringValue)
            let types = system.events.events.filter { $0.plan["idempotencyKey"]?.stringValue == "one" }.map(\.type)
            #expect(types.first == "distribution.plan.accepted")
            #expect(types.filter { $0 == "distribution.job.succeeded" }.count == 3)
            let sequence = system.events.events.filter { $0.plan["idempotencyKey"]?.stringValue == "one" }
                .compactMap { $0.envelope["sequence"]?.stringValue.flatMap { Int($0) } }
            #expect(sequence == Array(1...5))

            for (number, target) in targets.enumerated() {
                let request = try #require(system.receiver.requests(at: "/t/\(number)").first)
                try Signatures.check(request, secret: try #require(target.credentials["secret"]))
                #expect(request.header("user-agent") == "clawcast/\(Release.version)")
                let body = try #require(try JSON.parse(request.body).objectValue)
                #expect(body["type"]?.stringValue == "content_item.distributed")
                #expect(body["data"]?.objectValue?["body"]?.stringValue == "# B")
            }
            let snapshot = try await system.snapshot(of: completed)
            #expect(snapshot.plan.counts.succeeded == 3)
            #expect(snapshot.jobs.allSatisfy { $0.receipt?.externalID == $0.job.deliveryID.text })
            #expect(Set(snapshot.jobs.map(\.job.deliveryID)).count == 3)
            for target in targets {
                #expect(try await system.depth("distribution.jobs.webhook.\(target.id)") == 0)
            }
        }
    }

    @Test func `a target created while the service runs is delivered to without a restart`() async throws {
        try await TestSystem.with { system in
            let first = try await system.createTarget(path: "/first")
            try await system.publish(Plans.owner(key: "a", targets: [first.id]))
            try await system.events.wait(type: "plan.completed")
            let second = try await system.createTarget(path: "/second")
            try await system.publish(
                Plans.owner(key: "b", targets: [], changes: ["targets": .null, "allTargets": .bool(true)])
                    .without("targets"))
            try await system.events.wait(for: 2, type: "plan.completed")
            #expect(system.receiver.count(at: "/first") == 2)
            #expect(system.receiver.count(at: "/second") == 1)
            #expect(second.id > first.id)
        }
    }

    @Test func `excerptOnly keeps the body and every premium field out of queue, request and ledger`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            var content = Plans.content(body: "the-secret-body")
            content["premiumFields"] = .array([.string("body"), .string("title")])
            try await system.publish(
                Plans.owner(
                    key: "excerpt", targets: [target.id],
                    changes: [
                        "content": .object(content),
                        "policy": .object(["basis": .string("owner"), "excerptOnly": .bool(true)]),
                    ]))
            try await system.events.wait(type: "plan.completed")
            let request = try #require(system.receiver.requests(at: "/ok").first)
            let data = try #require(try JSON.parse(request.body).objectValue?["data"]?.objectValue)
            #expect(data["body"] == nil)
            #expect(data["fields"] == nil)
            #expect(data["title"] == .null)
            #expect(data["excerpt"]?.stringValue == "S")
            #expect(data["excerptOnly"]?.boolValue == true)
            #expect(!String(decoding: request.body, as: UTF8.self).contains("the-secret-body"))
        }
    }

    @Test func `policy blocks jobs before anything is rendered, and says which rule did`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let entitlement: JSONObject = ["id": .integer(1), "status": .string("active")]
            let policy: JSONObject = [
                "basis": .string("entitlement"), "allowRedistribution": .bool(true),
                "allowedChannels": .array([.string("feed")]), "entitlement": .object(entitlement),
            ]
            try await system.publish(
                Plans.owner(key: "denied", targets: [target.id], changes: ["policy": .object(policy)]))
            let completed = try await system.events.wait(type: "plan.completed")[0]
            #expect(completed.plan["status"]?.stringValue == "failed")
            let snapshot = try await system.snapshot(of: completed)
            #expect(snapshot.jobs.map(\.job.status) == [.blocked])
            #expect(snapshot.jobs[0].job.lastError?.code == .policyChannelDenied)
            #expect(system.receiver.count() == 0)
            try await system.events.wait(type: "job.blocked")
        }
    }
}
