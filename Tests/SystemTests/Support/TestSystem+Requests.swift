import AMQP
import Distribution
import Foundation
import Orchestrator

@testable import clawcast

extension TestSystem {
    /// What came back over RabbitMQ's direct reply-to.
    struct Reply: Sendable {
        let correlationID: String?
        let contentType: String?
        let object: JSONObject

        var code: String? { object["code"]?.stringValue }
        var planID: Int64? { object["id"]?.integerValue }
    }

    /// Publishes a plan message and returns the answer to it: by then the message is settled, or about to be.
    func ask(
        _ body: [UInt8], routingKey: String = "plan.requested",
        properties given: MessageProperties = MessageProperties()
    ) async throws -> Reply {
        var properties = given
        properties.replyTo = "amq.rabbitmq.reply-to"
        properties.correlationID = given.correlationID ?? UUID().uuidString
        let group = client.makeConsumerGroup(name: "replies")
        try await group.add(queue: "amq.rabbitmq.reply-to", consumerTag: "replies", prefetch: 0, noAck: true)
        try await group.send(
            OutgoingMessage(
                exchange: "distribution.plans", routingKey: routingKey, properties: properties, body: body))
        for await batch in group.deliveries {
            guard let reply = batch.first else { continue }
            await group.close()
            return Reply(
                correlationID: reply.properties.correlationID, contentType: reply.properties.contentType,
                object: try JSON.parse(reply.body).objectValue ?? [:])
        }
        throw SystemTestError("No answer came.")
    }

    func ask(_ plan: JSONObject) async throws -> Reply {
        try await ask(JSON.object(plan).serialized())
    }

    /// The job of a plan that has one, with its attempts.
    func onlyJob(of event: EventLog.Event) async throws -> JobSnapshot {
        let plan = try await snapshot(of: event)
        guard plan.jobs.count == 1, let job = plan.jobs.first else {
            throw SystemTestError("The plan has \(plan.jobs.count) jobs.")
        }
        return try await service.useCases.job(job.job.id, domainID: Self.domain)
    }

    /// Lets a plan pass through everything, so that what was sent before it has been looked at.
    func deliverMarker(_ key: String, to target: Target) async throws {
        try await publish(Plans.owner(key: key, targets: [target.id]))
        try await events.wait { event in
            event.type == "distribution.plan.completed" && event.plan["idempotencyKey"]?.stringValue == key
        }
    }
}
