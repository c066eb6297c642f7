/// What the broker's queues hold; messages that somebody has in hand are not counted (AMQP does not tell).
package struct BrokerCensus: Sendable, Hashable {
    /// By target; a target without a queue is missing.
    package var targets: [TargetID: QueueDepth] = [:]
    /// Over all levels of the delay ladder.
    package var ladder = 0
    package var plans = QueueDepth()
    package var orphans = QueueDepth()
    package var unrouted = QueueDepth()
    package var deadPlans = QueueDepth()
    /// Over all channels.
    package var deadLetters = 0
    /// WordClaw's own queue.
    package var events = QueueDepth()

    package init() {}

    /// Whether a service consumes here.
    package var isServed: Bool { plans.consumers > 0 }
}

/// What the broker tells of a queue.
package struct QueueDepth: Sendable, Hashable {
    /// Messages that wait; those in the hands of consumers are not among them.
    package var ready = 0
    /// Consumers; a quorum queue counts one that was cancelled for as long as it holds messages, or is sent some that
    /// were on their way to it.
    package var consumers = 0

    package init(ready: Int = 0, consumers: Int = 0) {
        self.ready = ready
        self.consumers = consumers
    }
}
