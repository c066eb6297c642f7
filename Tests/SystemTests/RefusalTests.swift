import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Sealing
import Testing

@testable import clawcast

@Suite("A plan that is refused", .timeLimit(.minutes(2)))
struct RefusalTests {
    @Test func `each bad message is refused with its code, told of, kept for people, and the queue goes on`()
        async throws
    {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let foreign = try await system.createTarget(path: "/foreign", domainID: DomainID(2))
            let cases = RefusalCase.nearMisses(target: target, foreign: foreign) + RefusalCase.rubbish(target: target)
            let dead = try await QueueReader(system.client, queue: "distribution.dead.plans")
            for (number, refused) in cases.enumerated() {
                try await system.publish(refused.body, routingKey: refused.routingKey)
                let event = try await system.events.wait(for: number + 1, type: "plan.rejected")[number]
                try Self.check(event, of: refused)
                try Self.check(try await dead.next(), of: refused)
            }
            try await system.deliverMarker("marker", to: target)
            #expect(system.receiver.count() == 1)
            #expect(try await system.depth("distribution.plans") == 0)
            #expect(try await system.service.useCases.plans(domainID: .init(1), Page(), status: nil).count == 1)
        }
    }

    @Test func `a refused key is not used up`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let wrong = Plans.owner(key: "again", targets: [target.id], changes: ["contentVersion": "three"])
            #expect(try await system.ask(wrong).code == "VALIDATION_ERROR")
            try await system.deliverMarker("again", to: target)
            #expect(system.receiver.count() == 1)
        }
    }

    @Test func `content is replaced by its size and digest`() async throws {
        try await TestSystem.with { system in
            var content = Plans.content(body: "the-secret-body")
            content["dta"] = "the-secret-typo"
            let plan = Plans.owner(
                key: "quiet", targets: [TargetID(404)],
                changes: ["content": .object(content), "note": "the-secret-note"])
            try await system.publish(plan)
            try await system.events.wait(type: "plan.rejected")
            let dead = try #require(try await system.fetch("distribution.dead.plans"))
            let text = String(decoding: dead.body, as: UTF8.self)
            #expect(!text.contains("the-secret"))
            let kept = try #require(try JSON.parse(dead.body).objectValue)
            let data = try #require(kept["content"]?.objectValue?["data"]?.objectValue)
            let bytes = try #require(content["data"]).serialized()
            #expect(data["size"]?.integerValue == Int64(bytes.count))
            #expect(data["sha256"]?.stringValue == SHA256.digest(bytes).hexadecimal)
            #expect(kept["idempotencyKey"]?.stringValue == "quiet")
            #expect(kept["targets"] == plan["targets"])
        }
    }

    @Test func `what is published again carries nothing that routes, expires or answers`() async throws {
        try await TestSystem.with { system in
            let user = system.client.configuration.username
            let properties = MessageProperties(
                headers: [
                    "CC": .array([.string("plan.copy")]), "BCC": .array([.string("plan.blind")]),
                    "x-death": .array([.table(["queue": .string("elsewhere")])]), "x-delay": .int32(5),
                    "tenant": .string("kept"),
                    "traceparent": .string("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                ],
                replyTo: "amq.gen-somewhere", expiration: "600000", messageID: "id-1", userID: user)
            try await system.publish(Array("{".utf8), properties: properties)
            try await system.events.wait(type: "plan.rejected")
            let dead = try #require(try await system.fetch("distribution.dead.plans"))
            #expect(dead.properties.userID == nil)
            #expect(dead.header("x-user-id") == user)
            #expect(dead.properties.replyTo == nil)
            #expect(dead.properties.expiration == nil)
            #expect(dead.properties.messageID == "id-1")
            let names = Set(dead.properties.headers.map { $0.name.lowercased() })
            #expect(names.isDisjoint(with: ["cc", "bcc", "x-death", "x-delay"]))
            #expect(dead.header("tenant") == "kept")
            #expect(dead.header("traceparent")?.hasPrefix("00-0af7651916cd43dd8448eb211c80319c-") == true)
        }
    }

    @Test func `direct reply-to is answered with the plan or with the error, other addresses are not`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let body = JSON.object(Plans.owner(key: "asked", targets: [target.id])).serialized()
            let accepted = try await system.ask(body, properties: MessageProperties(correlationID: "c-1"))
            #expect(accepted.correlationID == "c-1")
            #expect(accepted.contentType == "application/json")
            #expect(accepted.object["counts"]?.objectValue?["total"]?.integerValue == 1)
            #expect(accepted.object["jobs"]?.arrayValue?.count == 1)
            #expect(accepted.object["recommendedNextAction"]?.stringValue?.isEmpty == false)

            let refused = try await system.ask(
                Array("{".utf8), properties: MessageProperties(correlationID: "c-2"))
            #expect(refused.correlationID == "c-2")
            #expect(refused.code == "VALIDATION_ERROR")
            #expect(refused.object["error"]?.stringValue?.isEmpty == false)
            #expect(refused.object["remediation"]?.stringValue?.isEmpty == false)

            let mailbox = try await system.client.withChannel { channel in
                try await channel.declareQueue(name: "mailbox").name
            }
            try await system.publish(
                Array("[".utf8), properties: MessageProperties(correlationID: "c-3", replyTo: mailbox))
            try await system.events.wait(for: 2, type: "plan.rejected")
            try await system.deliverMarker("marker", to: target)
            #expect(try await system.depth(mailbox) == 0)
        }
    }

    @Test func `the user that the broker has checked is recorded`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            let user = system.client.configuration.username
            let body = JSON.object(Plans.owner(key: "mine", targets: [target.id])).serialized()
            let answer = try await system.ask(body, properties: MessageProperties(userID: user))
            let recorded = try LedgerFile(system).text(
                "SELECT userId FROM distribution_plans WHERE id = ?", try #require(answer.planID))
            #expect(recorded == user)
        }
    }

    private static func check(_ event: EventLog.Event, of refused: RefusalCase) throws {
        let error = try #require(event.data["error"]?.objectValue, "\(refused.name)")
        #expect(error["code"]?.stringValue == refused.code, "\(refused.name)")
        #expect(error["error"]?.stringValue?.isEmpty == false, "\(refused.name)")
        #expect(error["remediation"]?.stringValue?.isEmpty == false, "\(refused.name)")
        #expect(event.routingKey == "distribution.\(refused.domain).plan.rejected", "\(refused.name)")
        #expect(event.messageID == event.envelope["id"]?.stringValue, "\(refused.name)")
        guard let key = refused.key else { return }
        #expect(event.plan["idempotencyKey"]?.stringValue == key, "\(refused.name)")
    }

    private static func check(_ dead: Delivery, of refused: RefusalCase) throws {
        #expect(dead.header("x-error-code") == refused.code, "\(refused.name)")
        let sentence = try #require(dead.header("x-error"), "\(refused.name)")
        #expect((1...1024).contains(sentence.utf8.count), "\(refused.name)")
        #expect(!String(decoding: dead.body, as: UTF8.self).contains("# B"), "\(refused.name)")
        #expect(dead.body.count < 10_000, "\(refused.name)")
        if !refused.routingKey.hasPrefix("plan.") {
            #expect(dead.header("x-routing-key") == refused.routingKey, "\(refused.name)")
        }
    }
}
