import AMQP
import BrokerRabbitMQ
import Distribution
import Testing

@Suite(.timeLimit(.minutes(1))) struct `Plan messages` {
    private static let hostileHeaders: FieldTable = [
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "CC": .array(["plan.copy"]),
        "x-death": .array([.table(["count": .int64(1)])]), "x-delivery-count": .int64(4), "x-first-death-queue": "q",
        "tenant-note": "kept", "long": .string(String(repeating: "x", count: 5000)),
    ]

    private func hostile(key: String, body: String, user: String) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "distribution.plans", routingKey: key,
            properties: MessageProperties(
                contentType: "application/json", headers: Self.hostileHeaders, correlationID: "c-1",
                replyTo: "some.queue", expiration: "600000", messageID: "m-1", timestamp: 1_775_469_600,
                type: "plan.requested", userID: user, appID: "wordclaw"),
            body: Array(body.utf8))
    }

    @Test func `arrive with what identifies them, whatever their key`() async throws {
        try await withBrokerPort { harness in
            let user = try ConnectionConfiguration(url: harness.url).username
            await harness.publishRaw(hostile(key: "plan.requestd", body: "{}", user: user))
            let message = try #require(await harness.plans.next())
            #expect(message.routingKey == "plan.requestd")
            #expect(message.body == Array("{}".utf8))
            #expect(message.messageID == "m-1")
            #expect(message.correlationID == "c-1")
            #expect(message.replyTo == nil, "only direct reply-to is answered")
            #expect(message.userID == user)
            #expect(message.contentType == "application/json")
            #expect(message.trace?.traceparent == Self.hostileHeaders["traceparent"]?.stringValue)
            #expect(!message.isRedelivered)
            message.settlement.giveBack()
            let again = try #require(await harness.plans.next())
            #expect(again.isRedelivered)
            again.settlement.acknowledge()
            // The first settlement counts.
            again.settlement.giveBack()
        }
    }

    @Test(arguments: [("plan.requested", "plan.requested", false), ("no.such.key", "plan.unknown", true)])
    func `refused ones keep what identifies them and nothing that acts`(
        key: String, deadKey: String, isNoted: Bool
    ) async throws {
        try await withBrokerPort { harness in
            let user = try ConnectionConfiguration(url: harness.url).username
            await harness.publishRaw(hostile(key: key, body: "secret", user: user))
            let message = try #require(await harness.plans.next())
            let refusal = Refusal(.validationError, "The body is no JSON.", remediation: "Send JSON.")
            let published = await harness.broker.publish(
                refusedPlan: RefusedPlanMessage(
                    message: message, refusal: refusal, sanitizedBody: Array("{\"size\":6}".utf8)))
            #expect(published == .confirmed)
            message.settlement.acknowledge()
            let (routingKey, properties, body) = try await harness.fetchAsPublished(harness.names.deadPlans)
            #expect(routingKey == deadKey)
            #expect(body == Array("{\"size\":6}".utf8))
            var headers: FieldTable = ["traceparent": try #require(Self.hostileHeaders["traceparent"])]
            headers["tenant-note"] = "kept"
            headers["x-error-code"] = "VALIDATION_ERROR"
            headers["x-error"] = "The body is no JSON. Send JSON."
            headers["x-user-id"] = .string(user)
            if isNoted { headers["x-routing-key"] = .string(key) }
            #expect(
                properties
                    == MessageProperties(
                        contentType: "application/json", headers: headers, correlationID: "c-1", messageID: "m-1",
                        timestamp: 1_775_469_600, type: "plan.requested", appID: "wordclaw"
                    ).sorted)
        }
    }

    /// A message that could not be published would be tried for ever.
    @Test func `refused ones are kept whatever came with them`() async throws {
        try await withBrokerPort { harness in
            var headers: FieldTable = [:]
            for number in 0..<60 { headers["note-\(number)"] = .string(String(repeating: "x", count: 1020)) }
            await harness.publishRaw(
                OutgoingMessage(
                    exchange: "distribution.plans", routingKey: "plan.requested",
                    properties: MessageProperties(headers: headers), body: [1]))
            let came = try #require(await harness.plans.next())
            // As a short string of bytes that are not UTF-8 arrives.
            let grown = String(repeating: "\u{FFFD}", count: 255)
            let message = IncomingPlanMessage(
                routingKey: "plan." + grown, body: [1], messageID: grown, correlationID: grown, replyTo: nil,
                userID: grown, contentType: grown, trace: nil, isRedelivered: false, settlement: came.settlement)
            let refusal = Refusal(.validationError, "The body is no JSON.", remediation: "Send JSON.")
            let published = await harness.broker.publish(
                refusedPlan: RefusedPlanMessage(message: message, refusal: refusal, sanitizedBody: [2]))
            #expect(published == .confirmed)
            came.settlement.acknowledge()
            let dead = try await harness.fetch(harness.names.deadPlans)
            #expect(dead.routingKey == "plan.unknown")
            #expect(dead.properties.messageID == String(repeating: "\u{FFFD}", count: 85))
            #expect(dead.properties.headers["note-0"] == headers["note-0"])
            #expect(dead.properties.headers["note-30"] == nil)
            #expect(dead.properties.headers["x-routing-key"] == .string("plan." + grown))
        }
    }

    @Test func `are answered at direct reply addresses only, and a gone asker does no harm`() async throws {
        try await withBrokerPort { harness in
            await harness.broker.reply(
                PlanReply(address: "amq.rabbitmq.reply-to.nobody", correlationID: "c-2", body: Array("{}".utf8)))
            await harness.broker.reply(PlanReply(address: "distribution.unrouted", correlationID: nil, body: [1]))
            let unrouted = try await harness.messageCount(harness.names.unrouted)
            #expect(unrouted == 0)
        }
    }
}
