/// What makes an event this one event: who it is, when, and where it stands in its plan's order.
package struct EventStamp: Sendable, Hashable {
    package let id: UUIDv7
    package let time: Timestamp
    /// Per plan, gapless, 1 for the first; nil for events that belong to no plan.
    package let sequence: Int64?

    package init(id: UUIDv7, time: Timestamp, sequence: Int64?) {
        self.id = id
        self.time = time
        self.sequence = sequence
    }
}
