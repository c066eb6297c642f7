import AMQP
import Distribution

/// Reads the events that Clawcast publishes, as WordClaw does.
final class EventReader: Sendable {
    struct Event: Sendable {
        let type: String
        let body: JSONObject
        let monotonicNanoseconds: Int64
    }

    private let group: ConsumerGroup
    private let buffer = EventBuffer()

    init(_ connection: Connection) async throws {
        group = connection.makeConsumerGroup(name: "bench events")
        try await group.add(queue: "distribution.events.wordclaw", consumerTag: "bench", prefetch: 512)
    }

    /// The next event of this type; others are acked and passed over.
    func next(type: String) async throws -> Event {
        while true {
            if let event = await buffer.take(type) { return event }
            var deliveries = group.deliveries.makeAsyncIterator()
            guard let batch = await deliveries.next() else { throw BenchError("The events ended.") }
            let now = Report.monotonicNanoseconds()
            for delivery in batch {
                delivery.ack()
                let body = try JSON.parse(delivery.body).objectValue ?? [:]
                await buffer.add(
                    Event(
                        type: delivery.properties.type ?? body["type"]?.stringValue ?? "", body: body,
                        monotonicNanoseconds: now))
            }
        }
    }
}

private actor EventBuffer {
    private var events: [EventReader.Event] = []

    func add(_ event: EventReader.Event) {
        events.append(event)
    }

    func take(_ type: String) -> EventReader.Event? {
        while !events.isEmpty {
            let event = events.removeFirst()
            if event.type == type { return event }
        }
        return nil
    }
}
