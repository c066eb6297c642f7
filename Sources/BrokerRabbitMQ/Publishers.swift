internal import AMQP
internal import Distribution
internal import Synchronization

/// One channel for each kind of what goes out, so that neither waits for the other and a mistake costs one of them.
final class Publishers: Sendable {
    private let jobs: Publisher
    private let deadLetters: Publisher
    private let events: Publisher
    /// Refused plans and quarantined jobs.
    private let refusals: Publisher
    private let replies: Publisher
    private let encoder: MessageEncoder
    private let routingKeys = Mutex(RoutingKeyCache())

    init(connection: Connection, topology: Topology) {
        jobs = connection.makePublisher()
        deadLetters = connection.makePublisher()
        events = connection.makePublisher()
        refusals = connection.makePublisher()
        replies = connection.makePublisher()
        encoder = MessageEncoder(names: topology.names, ladder: topology.ladder)
    }

    func publish(jobs batch: [OutgoingJob]) async -> [Publication] {
        let messages = routingKeys.withLock { keys in
            batch.map { encoder.message($0, routingKey: keys.key(of: $0.claim)) }
        }
        return await Self.publish(messages, on: jobs)
    }

    func publish(deadLetters batch: [DeadLetter]) async -> [Publication] {
        let messages = routingKeys.withLock { keys in
            batch.map { encoder.message($0, routingKey: keys.key(of: $0.claim)) }
        }
        return await Self.publish(messages, on: deadLetters)
    }

    func publish(events batch: [OutgoingEvent]) async -> [Publication] {
        await Self.publish(batch.map(encoder.message), on: events)
    }

    func publish(refusedPlan: RefusedPlanMessage) async -> Publication {
        Publication(await refusals.publish(encoder.message(refusedPlan)))
    }

    func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async -> Publication {
        Publication(await refusals.publish(encoder.quarantined(message, as: error)))
    }

    func reply(_ reply: PlanReply) async -> Publication {
        Publication(await replies.publish(encoder.message(reply)))
    }

    private static func publish(_ messages: [OutgoingMessage], on publisher: Publisher) async -> [Publication] {
        guard !messages.isEmpty else { return [] }
        return await publisher.publish(messages).map(Publication.init)
    }
}
