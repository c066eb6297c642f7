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
    private let consumers = Mutex<[ConsumerSpecification]>([])
    private let repetition = Mutex(Repetition())
    private let hasBeenOpen = Mutex(false)
    private let channel = Mutex<NIOLoopBound<ConsumerChannel>?>(nil)

    init(
        name: String, ackDelay: TimeAmount, deliveries: AsyncStream<[Delivery]>.Continuation,
        events: AsyncStream<ConsumerEvent>.Continuation
    ) {
        self.name = name
        self.ackDelay = ackDelay
        self.deliveries = deliveries
        self.events = events
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

    // MARK: Asking again

    /// What is asked of queues for the second time.
    private struct Repetition {
        var queues: Set<String> = []
        /// Consumers that somebody asked for, to be started on the next connection.
        var operations: [ConsumerOperation] = []
    }

    /// Whether the queue has left a consumer without an answer once, and has not answered one since.
    func isAskedAgain(_ queue: String) -> Bool {
        repetition.withLock { $0.queues.contains(queue) }
    }

    /// Has the queue asked once more on the next connection.
    func askAgain(_ queue: String, _ operation: ConsumerOperation) {
        repetition.withLock { repetition in
            repetition.queues.insert(queue)
            // A consumer that is remembered is restored anyway.
            if case .add = operation { repetition.operations.append(operation) }
        }
    }

    /// The queue has answered, or has been given up.
    func stopAsking(_ queue: String) {
        repetition.withLock { _ = $0.queues.remove(queue) }
    }

    /// What was under way when the connection was made anew for its sake.
    func takeRepeated() -> [ConsumerOperation] {
        repetition.withLock { repetition in
            defer { repetition.operations = [] }
            return repetition.operations
        }
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
        takeRepeated().forEach { $0.fail(.notConnected) }
        operations.shut().forEach { $0.fail(.notConnected) }
        channel.withLock { $0 = nil }
        deliveries.finish()
        events.finish()
    }
}
