import AMQP
import Distribution
import Synchronization

/// Every event that Clawcast publishes, as WordClaw reads them from its queue.
final class EventLog: Sendable {
    struct Event: Sendable {
        let routingKey: String
        let messageID: String?
        let correlationID: String?
        let contentType: String?
        let envelope: JSONObject

        /// `distribution.job.succeeded`
        let type: String
        var data: JSONObject { envelope["data"]?.objectValue ?? [:] }
        var plan: JSONObject { data["plan"]?.objectValue ?? [:] }
        var job: JSONObject { data["job"]?.objectValue ?? [:] }
        /// Of an event that tells of a target.
        var target: TargetID? { data["target"]?.objectValue?["id"]?.integerValue.map { TargetID($0) } }
    }

    private let group: ConsumerGroup
    private let seen = Mutex((events: [Event](), forgotten: Set<String>()))

    init(_ client: Connection) async throws {
        group = client.makeConsumerGroup(name: "event log")
        try await group.add(queue: "distribution.events.wordclaw", consumerTag: "event-log", prefetch: 256)
    }

    /// All that have been read so far, in order.
    var events: [Event] { seen.withLock { $0.events } }

    /// Forgets what has been read, also where it is published once more.
    func forget() {
        seen.withLock { seen in
            seen.forgotten.formUnion(seen.events.compactMap(\.messageID))
            seen.events = []
        }
    }

    /// Reads on until so many events match; returns all that do.
    @discardableResult
    func wait(for count: Int = 1, where matches: @Sendable (Event) -> Bool) async throws -> [Event] {
        try await wait(until: { $0.count(where: matches) >= count })
        return events.filter(matches)
    }

    /// Reads on until all that have been read are enough.
    func wait(until isEnough: @Sendable ([Event]) throws -> Bool) async throws {
        var deliveries = group.deliveries.makeAsyncIterator()
        while try !isEnough(events) {
            guard let batch = await deliveries.next() else { throw SystemTestError("The events ended.") }
            for delivery in batch {
                let envelope = try JSON.parse(delivery.body).objectValue ?? [:]
                let event = Event(
                    routingKey: delivery.routingKey, messageID: delivery.properties.messageID,
                    correlationID: delivery.properties.correlationID,
                    contentType: delivery.properties.contentType, envelope: envelope,
                    type: envelope["type"]?.stringValue ?? "")
                seen.withLock { seen in
                    if !seen.forgotten.contains(event.messageID ?? "") { seen.events.append(event) }
                }
                delivery.ack()
            }
        }
    }

    @discardableResult
    func wait(for count: Int = 1, type: String) async throws -> [Event] {
        try await wait(for: count) { $0.type == "distribution.\(type)" }
    }
}
