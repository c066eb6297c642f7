import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

extension TestSystem {
    static let domain = DomainID(1)

    /// Creates a webhook target that delivers to this path of the receiver, or to `url`.
    func createTarget(
        path: String = "/ok", url: String? = nil, domainID: DomainID = TestSystem.domain, settings: JSONObject = [:],
        config: JSONObject = [:]
    ) async throws -> Target {
        var configuration = config
        configuration["url"] = .string(url ?? receiver.url(path))
        var document: JSONObject = [
            "name": .string("target of \(path)"), "channelType": .string("webhook"), "config": .object(configuration),
        ]
        for member in settings.members { document[member.name] = member.value }
        let input = try TargetDecoder.decodeNew(document)
        return try await service.useCases.createTarget(input, domainID: domainID).target
    }

    /// Publishes a message to the plans exchange and returns when the broker has it.
    func publish(
        _ body: [UInt8], routingKey: String = "plan.requested", properties: MessageProperties = MessageProperties()
    ) async throws {
        let message = OutgoingMessage(
            exchange: "distribution.plans", routingKey: routingKey, properties: properties, body: body)
        #expect(await client.makePublisher().publish(message) == .confirmed)
    }

    func publish(_ plan: JSONObject) async throws {
        try await publish(JSON.object(plan).serialized())
    }

    /// Messages that wait in a queue, those in hand not counted.
    func depth(_ queue: String) async throws -> Int {
        try await client.withChannel { try await $0.declareQueue(name: queue, passive: true).messageCount }
    }

    /// Takes the next message out of a queue; nil where it is empty.
    func fetch(_ queue: String) async throws -> Delivery? {
        try await client.withChannel { channel in
            let delivery = try await channel.get(queue: queue)
            delivery?.ack()
            _ = try await channel.declareQueue(name: queue, passive: true)
            return delivery
        }
    }

    /// The plan that an event named, as callers see it.
    func snapshot(of event: EventLog.Event) async throws -> PlanSnapshot {
        let id = try #require(event.plan["id"]?.integerValue)
        return try await service.useCases.plan(PlanID(id), domainID: Self.domain)
    }
}
