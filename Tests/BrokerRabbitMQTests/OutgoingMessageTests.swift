import AMQP
import BrokerRabbitMQ
import Distribution
import Logging
import NIOPosix
import Testing

/// What leaves, as somebody else's client sees it on the wire.
@Suite(.timeLimit(.minutes(1))) struct `Outgoing messages` {
    @Test func `a job carries its claim in headers, and nothing else`() async throws {
        try await withBrokerPort { harness in
            let queue = Samples.queue(12)
            let name = harness.names.jobs(of: queue)
            try await harness.broker.open(queue, prefetch: 1)
            await harness.broker.close(queue)
            #expect(await harness.broker.publish(jobs: [Samples.job(31)]) == [.confirmed])
            let (routingKey, properties, body) = try await harness.fetchAsPublished(name)
            #expect(routingKey == "webhook.12")
            #expect(body == Array("{\"n\":31}".utf8))
            let trace = try #require(Samples.trace)
            #expect(
                properties
                    == MessageProperties(
                        contentType: "application/json",
                        headers: [
                            "x-job-id": .int64(31), "x-plan-id": .int64(7), "x-target-id": .int64(12),
                            "x-domain-id": .int64(1), "x-channel": "webhook", "x-epoch": .int64(3),
                            "x-attempt": .int64(2), "traceparent": .string(trace.traceparent),
                            "tracestate": "vendor=1",
                        ],
                        deliveryMode: 2, messageID: Samples.deliveryID(31).text, type: "distribution.job"
                    ).sorted)
        }
    }

    @Test func `a dead letter is its job and the reason`() async throws {
        try await withBrokerPort { harness in
            let letter = DeadLetter(
                claim: Samples.claim(31, target: 14, channel: .partner), contentType: "text/plain", body: [1, 2, 3],
                trace: nil,
                error: DeliveryError(
                    code: .httpStatus, message: String(repeating: "é", count: 600), statusCode: 503,
                    certainty: .rejected),
                attempts: 10, firstAttemptAt: Timestamp(iso8601: "2026-04-06T10:00:00.000Z"),
                diedAt: try #require(Timestamp(iso8601: "2026-04-09T13:36:00.000Z")))
            #expect(await harness.broker.publish(deadLetters: [letter]) == [.confirmed])
            let delivery = try await harness.fetch(harness.names.dead(of: .partner))
            #expect(delivery.routingKey == "partner.14")
            #expect(delivery.body == [1, 2, 3])
            let properties = delivery.properties
            #expect(properties.messageID == Samples.deliveryID(31).text)
            #expect(properties.type == "distribution.job")
            #expect(properties.contentType == "text/plain")
            #expect(properties.headers["x-error-code"] == "HTTP_STATUS")
            #expect(properties.headers["x-error"]?.stringValue == String(repeating: "é", count: 512))
            #expect(properties.headers["x-attempts"] == .int64(10))
            #expect(properties.headers["x-status-code"] == .int64(503))
            #expect(properties.headers["x-first-attempt-at"] == "2026-04-06T10:00:00.000Z")
            #expect(properties.headers["x-dead-at"] == "2026-04-09T13:36:00.000Z")
            #expect(properties.headers["x-epoch"] == .int64(3))
        }
    }

    @Test func `events keep their order and are CloudEvents`() async throws {
        try await withBrokerPort { harness in
            let events = (1...3).map { number in
                OutgoingEvent(
                    id: "event-\(number)", routingKey: "distribution.1.job.succeeded", correlationID: "5f0c6b7a",
                    body: Array("{}".utf8))
            }
            #expect(await harness.broker.publish(events: events) == [.confirmed, .confirmed, .confirmed])
            for number in 1...3 {
                let (routingKey, properties, body) = try await harness.fetchAsPublished(harness.names.eventsForWordClaw)
                #expect(routingKey == "distribution.1.job.succeeded")
                #expect(body == Array("{}".utf8))
                #expect(
                    properties
                        == MessageProperties(
                            contentType: "application/cloudevents+json", correlationID: "5f0c6b7a",
                            messageID: "event-\(number)", type: "distribution.job.succeeded"))
            }
        }
    }

    @Test func `an empty batch needs no broker`() async throws {
        let broker = RabbitMQBroker(
            configuration: try RabbitMQBrokerConfiguration(url: "amqp://127.0.0.1:1"),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton, logger: Logger(label: "test"))
        #expect(await broker.publish(jobs: []).isEmpty)
        #expect(await broker.publish(jobs: [Samples.job(1)]) == [.failed])
    }
}
