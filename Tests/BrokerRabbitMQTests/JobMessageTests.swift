import AMQP
import BrokerRabbitMQ
import Distribution
import Testing

/// Job messages that are not as Clawcast writes them.
@Suite(.timeLimit(.minutes(1))) struct `Job messages` {
    private static let headers: FieldTable = [
        "x-job-id": .int64(31), "x-plan-id": .int64(7), "x-target-id": .int64(12), "x-domain-id": .int64(1),
        "x-channel": "webhook", "x-epoch": .int64(3), "x-attempt": .int64(2), "d3": "1",
        "x-death": .array([.table(["count": .int64(2)])]),
    ]

    private static func changed(_ name: String, _ value: FieldValue?) -> FieldTable {
        var table = headers
        table[name] = value
        return table
    }

    private static func message(_ headers: FieldTable, id: String? = Samples.deliveryID(31).text) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "distribution.jobs", routingKey: "webhook.12",
            properties: MessageProperties(contentType: "text/plain", headers: headers, messageID: id), body: [1])
    }

    @Test func `moved by any tool are jobs, whichever integers it writes`() async throws {
        try await withBrokerPort { harness in
            try await harness.broker.open(Samples.queue(12), prefetch: 4)
            var headers = Self.changed("x-epoch", .int8(3))
            headers["x-error-code"] = "HTTP_STATUS"
            await harness.publishRaw(Self.message(headers))
            let message = try #require(await harness.jobs.next())
            #expect(try message.claim.get() == Samples.claim(31))
            #expect(message.contentType == "text/plain")
        }
    }

    @Test(arguments: [
        (changed("x-job-id", nil), "x-job-id"), (changed("x-plan-id", "7"), "x-plan-id"),
        (changed("x-target-id", .int64(13)), "x-target-id"), (changed("x-domain-id", .int64(0)), "x-domain-id"),
        (changed("x-channel", "feed"), "x-channel"), (changed("x-channel", "No Channel"), "x-channel"),
        (changed("x-epoch", .int64(-1)), "x-epoch"),
    ])
    func `that do not say which job, or say another's, are quarantined`(headers: FieldTable, fault: String) async throws
    {
        try await withBrokerPort { harness in
            try await harness.broker.open(Samples.queue(12), prefetch: 4)
            await harness.publishRaw(Self.message(headers))
            let message = try #require(await harness.jobs.next())
            guard case .failure(let error) = message.claim else {
                Issue.record("the claim must fail")
                return
            }
            #expect(error.code == .jobMismatch)
            #expect(error.message.contains(fault))
            #expect(await harness.broker.quarantine(message, as: error) == .confirmed)
            message.settlement.acknowledge()
            let dead = try await harness.fetch(harness.names.dead(of: .webhook))
            #expect(dead.routingKey == "webhook.12")
            #expect(dead.body == [1])
            #expect(dead.properties.messageID == Samples.deliveryID(31).text)
            #expect(dead.properties.contentType == "text/plain")
            #expect(dead.properties.headers["x-error-code"] == "JOB_MISMATCH")
            #expect(dead.properties.headers["x-error"]?.stringValue == error.message)
            #expect(dead.properties.headers[fault] == headers[fault])
            #expect(dead.properties.headers["d3"] == nil)
            #expect(dead.properties.headers["x-death"] == nil)
        }
    }

    @Test func `without a delivery id are no jobs`() async throws {
        try await withBrokerPort { harness in
            try await harness.broker.open(Samples.queue(12), prefetch: 4)
            await harness.publishRaw(Self.message(Self.headers, id: nil))
            let message = try #require(await harness.jobs.next())
            #expect(throws: DeliveryError.self) { try message.claim.get() }
        }
    }

    @Test func `are quarantined however long their content type arrives`() async throws {
        try await withBrokerPort { harness in
            await harness.publishRaw(OutgoingMessage(exchange: "distribution.jobs", routingKey: "nonsense", body: [9]))
            let came = try #require(await harness.orphans.next())
            let error = DeliveryError(code: .jobMismatch, message: "No job.")
            let orphan = IncomingJobMessage(
                queue: nil, claim: .failure(error), contentType: String(repeating: "\u{FFFD}", count: 255), body: [9],
                trace: nil, isRedelivered: false, settlement: came.settlement, original: came.original,
                isDeadLetter: false)
            #expect(await harness.broker.quarantine(orphan, as: error) == .confirmed)
            came.settlement.acknowledge()
        }
    }

    @Test func `that nobody can place end among the unrouted`() async throws {
        try await withBrokerPort { harness in
            await harness.publishRaw(
                OutgoingMessage(exchange: "distribution.jobs", routingKey: "nonsense", body: [9]))
            let orphan = try #require(await harness.orphans.next())
            #expect(orphan.queue == nil)
            let error = DeliveryError(code: .jobMismatch, message: "No job.")
            #expect(await harness.broker.quarantine(orphan, as: error) == .confirmed)
            orphan.settlement.acknowledge()
            let unrouted = try await harness.fetch(harness.names.unrouted)
            #expect(unrouted.routingKey == "unknown.0")
            #expect(unrouted.body == [9])
            #expect(unrouted.properties.headers["x-error-code"] == "JOB_MISMATCH")
        }
    }
}
