internal import NIOCore

/// A channel for calls that are answered in their order. Ends with its channel.
final class ControlChannel: ChannelRole {
    enum Reply: Sendable {
        case method(IncomingMethod)
        case delivery(Delivery)
    }

    private struct Pending {
        let id: Int
        let method: OutgoingMethod
        let complete: (Result<Reply, AMQPError>) -> Void
        let timeout: Scheduled<Void>
    }

    private let handler: ConnectionHandler
    private let settlements = Mailbox<TaggedSettlement>(isOpen: true)
    private var ring = AckRing()
    private var number: UInt16 = 0
    private var pending = CircularBuffer<Pending>()
    private var nextID = 0
    /// Why calls fail from now on; nil while the channel is good.
    private var failure: AMQPError?
    private var whenOpen: ((Result<ControlChannel, AMQPError>) -> Void)?

    init(handler: ConnectionHandler, whenOpen: @escaping (Result<ControlChannel, AMQPError>) -> Void) {
        self.handler = handler
        self.whenOpen = whenOpen
    }

    func open() {
        do throws(AMQPError) {
            number = try handler.openChannel(self)
        } catch {
            fail(error)
        }
    }

    /// Sends a method that the broker answers.
    func call(_ method: OutgoingMethod, complete: @escaping (Result<Reply, AMQPError>) -> Void) {
        if let failure { return complete(.failure(failure)) }
        do throws(AMQPError) { try handler.send(method, on: number) } catch { return complete(.failure(error)) }
        let id = nextID
        nextID += 1
        let limit = TimeAmount.seconds(Int64(handler.configuration.callTimeoutSeconds))
        let timeout = handler.after(limit) { [weak self] _ in self?.timedOut(id) }
        pending.append(Pending(id: id, method: method, complete: complete, timeout: timeout))
        handler.flush()
    }

    /// Sends the settlements made so far and closes the channel.
    func close(whenClosed: @escaping () -> Void) {
        guard failure == nil else { return whenClosed() }
        sendSettlements()
        fail(.channelClosed(code: 200, text: "the channel was closed by this side"))
        handler.closeChannel(number, of: self, whenClosed: whenClosed)
    }

    private func timedOut(_ id: Int) {
        guard pending.contains(where: { $0.id == id }) else { return }
        // Later answers could not be told apart any more, so the channel is given up with the call.
        fail(.timeout("a call on a channel"))
        handler.closeChannel(number, of: self)
    }

    private func sendSettlements() {
        let taken = settlements.takeAll()
        guard failure == nil, !taken.isEmpty else { return }
        do throws(AMQPError) {
            for frame in ring.settle(taken) { try handler.send(frame, on: number) }
        } catch {
            handler.end(error)
        }
        handler.flush()
    }

    private func fail(_ error: AMQPError) {
        guard failure == nil else { return }
        failure = error
        settlements.shut()
        whenOpen?(.failure(error))
        whenOpen = nil
        while let call = pending.popFirst() {
            call.timeout.cancel()
            call.complete(.failure(error))
        }
    }

    private func answer(_ reply: Reply) throws(AMQPError) {
        guard let call = pending.popFirst() else { throw .protocolViolation("an answer that nobody waits for") }
        call.timeout.cancel()
        call.complete(.success(reply))
    }

    // MARK: ChannelRole

    func channelDidOpen() {
        let bound = NIOLoopBound(self, eventLoop: handler.eventLoop)
        settlements.connect { [eventLoop = handler.eventLoop] in
            eventLoop.execute { bound.value.sendSettlements() }
        }
        whenOpen?(.success(self))
        whenOpen = nil
    }

    func receive(_ method: IncomingMethod) throws(AMQPError) {
        try answer(.method(method))
    }

    func receive(_ content: ContentAssembly.Content) throws(AMQPError) {
        guard case .fetched(let head) = content.head, case .get(let queue, let noAck)? = pending.first?.method else {
            throw .protocolViolation("a message that nobody asked for")
        }
        ring.delivered(head.tag, needsSettlement: !noAck)
        try answer(.delivery(Delivery(head, content, queue: queue, settlements: settlements)))
    }

    func connectionWillClose() {
        sendSettlements()
    }

    func channelDidClose(_ closure: BrokerClosure) {
        fail(.channelClosed(code: closure.code, text: closure.text))
    }

    func connectionDidClose(_ error: AMQPError) {
        fail(error)
    }
}
