internal import Logging
internal import NIOCore

/// Publishes in confirm mode. Survives the closing of its channel by opening another, but not the connection.
final class PublisherChannel: ChannelRole {
    private enum State {
        /// The channel is being opened, or waits to be.
        case opening
        case selectingConfirms
        case open
    }

    let handler: ConnectionHandler
    private let requests: Mailbox<PublishRequest>
    private var number: UInt16 = 0
    private var state = State.opening
    private var reopening = ReopeningPace()
    /// Whether nobody wants the channel any more.
    private var isDetached = false
    private var confirms = ConfirmRing()
    private var waiting = CircularBuffer<PublishBatch>()
    private var isSending = false
    private var expiry: RepeatedTask?
    private var whenReady: (() -> Void)?

    /// - Parameter whenReady: called once, when messages can be sent or the connection has ended.
    init(handler: ConnectionHandler, requests: Mailbox<PublishRequest>, whenReady: @escaping () -> Void) {
        self.handler = handler
        self.requests = requests
        self.whenReady = whenReady
    }

    func open() {
        guard !isDetached else { return }
        state = .opening
        do throws(AMQPError) {
            number = try handler.openChannel(self)
        } catch {
            handler.end(error)
            connectionDidClose(error)
        }
    }

    /// Closes the channel for good; what is not confirmed yet is lost.
    func close() {
        isDetached = true
        requests.shut().forEach { $0.fail() }
        stop()
        handler.closeChannel(number, of: self)
    }

    // MARK: Sending

    private func takeRequests() {
        // A wake-up can outlive the connection; what is in the mailbox by then belongs to the next one.
        guard handler.phase == .open, !isDetached else { return }
        for request in requests.takeAll() { waiting.append(PublishBatch(request)) }
        sendWaiting()
        handler.flush()
    }

    private func sendWaiting() {
        // Sending can flush, and a socket that takes it all at once says so from within: the loop below goes on anyway.
        guard state == .open, !isSending else { return }
        isSending = true
        defer { isSending = false }
        let now = NIODeadline.now()
        while let batch = waiting.first {
            while !batch.isSent {
                guard confirms.count < handler.configuration.publishWindow, handler.mayPublish else { return }
                let (index, message) = batch.takeNext()
                do throws(AMQPError) {
                    try handler.send(message, on: number)
                    guard handler.phase != .closed else { return batch.settle(index, .lost) }
                    confirms.sent(batch, index, at: now)
                } catch {
                    batch.settle(index, .returned(code: 502, text: error.description))
                }
            }
            waiting.removeFirst()
            if let whenSent = batch.whenSent {
                handler.flush()
                whenSent()
            }
        }
    }

    // MARK: ChannelRole

    func channelDidOpen() {
        state = .selectingConfirms
        do throws(AMQPError) { try handler.send(.confirmSelect, on: number) } catch { handler.end(error) }
    }

    func receive(_ method: IncomingMethod) throws(AMQPError) {
        switch method {
        case .ack(let tag, let multiple): try confirms.settle(tag, multiple: multiple, as: .confirmed)
        case .nack(let tag, let multiple): try confirms.settle(tag, multiple: multiple, as: .nacked)
        case .done where state == .selectingConfirms: becomeOpen()
        default: throw .protocolViolation("an unexpected method on a publisher's channel")
        }
    }

    private func becomeOpen() {
        state = .open
        reopening.opened(at: .now())
        let bound = NIOLoopBound(self, eventLoop: handler.eventLoop)
        requests.connect { [eventLoop = handler.eventLoop] in eventLoop.execute { bound.value.takeRequests() } }
        let pause = TimeAmount.seconds(Int64(min(max(handler.configuration.confirmTimeoutSeconds, 1), 5)))
        expiry = handler.eventLoop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { _ in
            bound.value.checkConfirms()
        }
        sendWaiting()
        whenReady?()
        whenReady = nil
    }

    func receive(_ content: ContentAssembly.Content) throws(AMQPError) {
        guard case .returned(let head) = content.head else {
            throw .protocolViolation("a delivery on a publisher's channel")
        }
        confirms.returned(head, messageID: content.properties.messageID, body: content.body)
    }

    func readDidComplete() {
        if !waiting.isEmpty { sendWaiting() }
    }

    func publishingMayResume() {
        sendWaiting()
    }

    func channelDidClose(_ closure: BrokerClosure) {
        handler.logger.warning(
            "The broker closed a publisher's channel; what was unconfirmed on it is to be published again.",
            metadata: [
                "amqp.code": "\(closure.code)", "amqp.text": "\(closure.text)", "amqp.unconfirmed": "\(confirms.count)",
            ])
        requests.disconnect()
        expiry?.cancel()
        state = .opening
        // A missing or forbidden exchange is the message's fault: sending it again would close the channel again.
        let isAboutExchange = closure.code == 404 || closure.code == 403
        abandonSent { message in
            isAboutExchange && closure.text.contains("exchange '\(message.exchange)'")
                ? .returned(code: closure.code, text: closure.text) : .lost
        }
        handler.after(reopening.closed(at: .now())) { [self] handler in
            if handler.phase == .open { open() }
        }
    }

    func connectionDidClose(_ error: AMQPError) {
        requests.shut().forEach { $0.fail() }
        stop()
        whenReady?()
        whenReady = nil
    }

    private func abandonSent(_ result: (OutgoingMessage) -> PublishResult = { _ in .lost }) {
        confirms.abandon(result)
        confirms = ConfirmRing()
    }

    private func stop() {
        expiry?.cancel()
        abandonSent()
        while let batch = waiting.popFirst() { batch.abandonUnsent() }
    }

    /// Ends the connection when confirms have not come for long, as happens when a quorum queue has lost its leader: the
    /// broker's channel is stuck behind that message. While the broker blocks the connection it confirms nothing, so that
    /// time does not count.
    private func checkConfirms() {
        guard state == .open, !handler.isBlocked, let oldest = confirms.oldest else { return }
        let limit = NIODeadline.now() - .seconds(Int64(handler.configuration.confirmTimeoutSeconds))
        guard oldest <= limit else { return }
        if let unblockedAt = handler.unblockedAt, unblockedAt > limit { return }
        handler.logger.warning(
            """
            Confirms did not come in time; the connection is made anew, and what is unconfirmed counts as lost. Where it \
            happens again, a queue behind this exchange has no leader
            """,
            metadata: [
                "amqp.unconfirmed": "\(confirms.count)", "amqp.exchange": "\(confirms.oldestAddress?.exchange ?? "")",
                "amqp.routingKey": "\(confirms.oldestAddress?.routingKey ?? "")",
            ])
        handler.end(.unconfirmed(exchange: confirms.oldestAddress?.exchange ?? ""))
    }
}
