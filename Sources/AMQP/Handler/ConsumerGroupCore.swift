internal import NIOCore
internal import Synchronization

/// What of a consumer group outlives connections: its consumers, its streams and its inbox.
final class ConsumerGroupCore: Attachment {
    let name: String
    let ackDelay: TimeAmount
    /// Open while a connection is, whether or not the channel is open at the moment.
    let operations = Mailbox<ConsumerOperation>(isOpen: false)
    let deliveries: AsyncStream<[Delivery]>.Continuation
    let events: AsyncStream<ConsumerEvent>.Continuation
    /// Whether a queue's consumer is restored on the next connection.
    private let isRestored: @Sendable (String) -> Bool
    private let consumers = Mutex<[ConsumerSpecification]>([])
    private let patience = Mutex(ConsumePatience())
    private let hasBeenOpen = Mutex(false)
    private let channel = Mutex<NIOLoopBound<ConsumerChannel>?>(nil)

    init(
        name: String, ackDelay: TimeAmount, deliveries: AsyncStream<[Delivery]>.Continuation,
        events: AsyncStream<ConsumerEvent>.Continuation, isRestored: @escaping @Sendable (String) -> Bool
    ) {
        self.name = name
        self.ackDelay = ackDelay
        self.deliveries = deliveries
        self.events = events
        self.isRestored = isRestored
    }

    /// The consumers to restore, in the order in which they were added.
    var remembered: [ConsumerSpecification] { consumers.withLock { $0 } }

    func remember(_ consumer: ConsumerSpecification) {
        consumers.withLock { consumers in
            consumers.removeAll { $0.consumerTag == consumer.consumerTag }
            consumers.append(consumer)
        }
    }

    /// Whether it was remembered.
    @discardableResult
    func forget(_ consumerTag: String) -> Bool {
        consumers.withLock { consumers in
            let count = consumers.count
            consumers.removeAll { $0.consumerTag == consumerTag }
            return consumers.count < count
        }
    }

    /// Forgets, now that a connection has ended, the consumers that whoever owns the group brings back, and tells of each.
    func partFromUnrestored() {
        let parted = consumers.withLock { consumers in
            let parted = consumers.filter { !isRestored($0.queue) }
            consumers.removeAll(where: parted.contains)
            return parted
        }
        for consumer in parted { events.yield(.failed(consumerTag: consumer.consumerTag, error: .notConnected)) }
    }

    // MARK: Patience

    func patienceSeconds(forProven isProven: Bool, _ configuration: ConnectionConfiguration) -> Int {
        patience.withLock { $0.seconds(forProven: isProven, configuration) }
    }

    func growPatience() {
        patience.withLock { $0.grow() }
    }

    func resetPatience() {
        patience.withLock { $0.reset() }
    }

    /// True the first time it is asked.
    func isFirstOpening() -> Bool {
        hasBeenOpen.withLock { hasBeenOpen in
            defer { hasBeenOpen = true }
            return !hasBeenOpen
        }
    }

    /// Has the channel closed and all consumers restored on another.
    func renewChannel() {
        guard let bound = channel.withLock({ $0 }) else { return }
        bound.eventLoop.execute { bound.value.renew() }
    }

    func expectAttaching() {
        operations.open()
    }

    func attach(to handler: ConnectionHandler, whenReady: @escaping () -> Void) {
        let consumer = ConsumerChannel(handler: handler, core: self, whenReady: whenReady)
        guard handler.phase == .open else { return consumer.connectionDidClose(.notConnected) }
        operations.open()
        channel.withLock { [bound = NIOLoopBound(consumer, eventLoop: handler.eventLoop)] in $0 = bound }
        consumer.open()
    }

    func detach(from handler: ConnectionHandler) {
        let bound = channel.withLock { channel in
            defer { channel = nil }
            return channel
        }
        guard let bound, bound.value.handler === handler else { return }
        bound.value.close()
    }

    func finish() {
        operations.shut().forEach { $0.fail(.notConnected) }
        channel.withLock { $0 = nil }
        deliveries.finish()
        events.finish()
    }
}
