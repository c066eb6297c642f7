internal import Logging
internal import NIOCore

/// Hosts the consumers of a group. Survives the closing of its channel by opening another and restoring them, but not
/// the connection.
final class ConsumerChannel: ChannelRole {
    let handler: ConnectionHandler
    let core: ConsumerGroupCore
    var number: UInt16 = 0
    /// Between the broker's `channel.open-ok` and the end of the channel.
    var isOpen = false
    /// Consumers by tag that the broker has confirmed on this channel.
    var active: [String: ConsumerSpecification] = [:] {
        didSet { acksThatWait = Self.acksThatWait(for: active.values) }
    }
    /// So few that the broker goes on sending to every consumer meanwhile.
    private var acksThatWait = ConsumerChannel.acksThatWait(for: [])
    var waiting = CircularBuffer<ConsumerOperation>()
    var current: ConsumerOperation?
    var currentTimeout: Scheduled<Void>?
    /// Under way while the operation is overdue.
    var probe: LivenessProbe?
    var whenReady: (() -> Void)?
    private var reopening = ReopeningPace()
    /// Whether nobody wants the channel any more.
    private(set) var isDetached = false
    private var settlements = Mailbox<TaggedSettlement>(isOpen: true)
    /// Taken from the mailbox, not yet told to the broker.
    private var decided: [TaggedSettlement] = []
    private var sending: Scheduled<Void>?
    private var ring = AckRing()
    private var batch: [Delivery] = []

    /// - Parameter whenReady: called once, when the consumers are restored or the connection has ended.
    init(handler: ConnectionHandler, core: ConsumerGroupCore, whenReady: @escaping () -> Void) {
        self.handler = handler
        self.core = core
        self.whenReady = whenReady
    }

    func open() {
        guard !isDetached else { return }
        do throws(AMQPError) {
            number = try handler.openChannel(self)
        } catch {
            handler.end(error)
            connectionDidClose(error)
        }
    }

    /// Closes the channel and opens another, on which all consumers are restored: the broker takes back what is unsettled,
    /// and what it believes to have sent.
    func renew() {
        guard isOpen, !isDetached, handler.phase == .open else { return }
        sendSettlements()
        let number = number
        abandonChannel(failing: nil)
        handler.closeChannel(number, of: self)
        open()
    }

    /// Closes the channel for good: the broker takes back what is unsettled.
    func close() {
        isDetached = true
        core.operations.shut().forEach { $0.fail(.notConnected) }
        sendSettlements()
        leave(.notConnected)
        handler.closeChannel(number, of: self)
    }

    // MARK: ChannelRole

    func channelDidOpen() {
        isOpen = true
        reopening.opened(at: .now())
        ring = AckRing()
        settlements = Mailbox(isOpen: true)
        let bound = NIOLoopBound(self, eventLoop: handler.eventLoop)
        settlements.connect { [eventLoop = handler.eventLoop] in
            eventLoop.execute { bound.value.takeSettlements() }
        }
        for consumer in core.remembered.reversed() { waiting.prepend(.restore(consumer)) }
        startNextOperation()
    }

    func receive(_ method: IncomingMethod) throws(AMQPError) {
        switch method {
        case .done: break  // Of `basic.qos`; the answer to the consume that went with it follows.
        case .consumeOk, .cancelOk: finishOperation(.success(()))
        case .cancel(let tag):
            active[tag] = nil
            if core.forget(tag) { core.events.yield(.cancelledByBroker(consumerTag: tag)) }
        default: throw .protocolViolation("an unexpected method on a consumer's channel")
        }
    }

    func receive(_ content: ContentAssembly.Content) throws(AMQPError) {
        guard case .delivered(let head) = content.head else {
            throw .protocolViolation("an unexpected message on a consumer's channel")
        }
        let consumer = active[head.consumerTag]
        ring.delivered(head.tag, needsSettlement: consumer?.noAck != true)
        batch.append(Delivery(head, content, queue: consumer?.queue ?? "", settlements: settlements))
    }

    func readDidComplete() {
        handBatchOver()
    }

    func connectionWillClose() {
        sendSettlements()
    }

    func channelDidClose(_ closure: BrokerClosure) {
        let error = AMQPError.channelClosed(code: closure.code, text: closure.text)
        let isAboutConsuming = closure.classID == 60 && (closure.methodID == 20 || closure.methodID == 10)
        handler.logger.warning(
            "The broker closed a consumer group's channel; it is opened again.",
            metadata: [
                "amqp.code": "\(closure.code)", "amqp.text": "\(closure.text)", "amqp.group": "\(core.name)",
            ])
        abandonChannel(failing: isAboutConsuming ? error : nil)
        // One who asks for a missing queue gets an error; the others should not wait for that.
        reopen(after: isAboutConsuming ? .zero : reopening.closed(at: .now()))
    }

    func connectionDidClose(_ error: AMQPError) {
        core.operations.shut().forEach { $0.fail(.notConnected) }
        leave(error)
        core.partFromUnrestored()
    }

    // MARK: Settling and handing over

    /// Sends what was decided, or lets it wait for more.
    private func takeSettlements() {
        let taken = settlements.takeAll()
        guard isOpen, !taken.isEmpty else { return }
        let isUrgent = taken.contains { $0.settlement != .ack }
        decided.append(contentsOf: taken)
        guard core.ackDelay > .zero, !isUrgent, decided.count < acksThatWait else { return sendSettlements() }
        guard sending == nil else { return }
        let bound = NIOLoopBound(self, eventLoop: handler.eventLoop)
        sending = handler.eventLoop.scheduleTask(in: core.ackDelay) { bound.value.sendSettlements() }
    }

    /// They are of a channel that is gone.
    private func dropSettlements() {
        settlements.shut()
        decided = []
        sending?.cancel()
        sending = nil
    }

    private static func acksThatWait(for consumers: some Sequence<ConsumerSpecification>) -> Int {
        Int((consumers.lazy.map(\.prefetch).filter { $0 > 0 }.min() ?? .max) / 4)
    }

    func sendSettlements() {
        sending?.cancel()
        sending = nil
        decided.append(contentsOf: settlements.takeAll())
        guard isOpen, !decided.isEmpty else { return }
        defer { decided.removeAll(keepingCapacity: true) }
        do throws(AMQPError) {
            for frame in ring.settle(decided) { try handler.send(frame, on: number) }
        } catch {
            handler.end(error)
        }
        handler.flush()
    }

    func handBatchOver() {
        guard !batch.isEmpty else { return }
        var full: [Delivery] = []
        full.reserveCapacity(batch.count)
        swap(&full, &batch)
        if case .terminated = core.deliveries.yield(full) {
            for delivery in full { delivery.reject(requeue: true) }
            stopConsuming()
        }
    }

    /// Nobody reads any more: without this the broker would send again, at once, what was just given back.
    private func stopConsuming() {
        for tag in active.keys.sorted() where core.forget(tag) {
            waiting.append(.remove(consumerTag: tag) { _ in })
        }
        if isOpen { startNextOperation() }
    }

    // MARK: Reopening

    func becomeReady() {
        let bound = NIOLoopBound(self, eventLoop: handler.eventLoop)
        core.operations.connect { [eventLoop = handler.eventLoop] in
            eventLoop.execute { bound.value.takeOperations() }
        }
        core.resetPatience()
        if !core.isFirstOpening() { core.events.yield(.channelReopened) }
        whenReady?()
        whenReady = nil
    }

    /// Forgets all that belongs to the channel; keeps or fails the operation under way.
    private func abandonChannel(failing error: AMQPError?) {
        isOpen = false
        dropSettlements()
        batch = []
        active = [:]
        core.operations.disconnect()
        waiting.removeAll { if case .restore = $0 { true } else { false } }
        guard let operation = current else { return }
        if let error {
            finishOperation(.failure(error))
        } else {
            currentTimeout?.cancel()
            probe = nil
            current = nil
            switch operation {
            case .add, .send: waiting.prepend(operation)
            // It ended with the channel, and must not be restored.
            case .remove(let tag, let completion):
                core.forget(tag)
                completion(.success(()))
            case .restore: break
            }
        }
    }

    private func reopen(after pause: TimeAmount) {
        guard pause > .zero else { return open() }
        handler.after(pause) { [self] handler in
            if handler.phase == .open { open() }
        }
    }

    private func leave(_ error: AMQPError) {
        isOpen = false
        dropSettlements()
        batch = []
        currentTimeout?.cancel()
        probe = nil
        current?.fail(error)
        current = nil
        while let operation = waiting.popFirst() { operation.fail(error) }
        whenReady?()
        whenReady = nil
    }
}
