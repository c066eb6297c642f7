internal import Logging
internal import NIOCore

extension ConnectionHandler {
    func receive(_ frame: IncomingFrame, on channel: UInt16) throws(AMQPError) {
        if channel != 0 {
            try receive(frame, onOpenChannel: channel)
        } else if case .method(let method) = frame {
            try receiveOnConnection(method)
        } else if case .heartbeat = frame {
            return
        } else {
            throw .protocolViolation("content on channel 0")
        }
    }

    private func receiveOnConnection(_ method: IncomingMethod) throws(AMQPError) {
        switch (phase, method) {
        case (.connecting, _): try receiveHandshake(method)
        case (_, .close(let closure)):
            try send(.closeOk, on: 0)
            throw .connectionClosed(code: closure.code, text: closure.text)
        case (.closing, .closeOk): end(.connectionClosed(code: 0, text: "closed by this side"))
        case (.closing, _): break
        case (_, .blocked(let reason)):
            isBlocked = true
            onBlocked(reason)
        case (_, .unblocked):
            isBlocked = false
            unblockedAt = .now()
            onBlocked(nil)
            resumePublishing()
        default: throw .protocolViolation("an unexpected method on channel 0")
        }
    }

    private func receive(_ frame: IncomingFrame, onOpenChannel number: UInt16) throws(AMQPError) {
        guard let slot = slots[number] else {
            // What was under way when we answered the broker's close.
            guard phase != .open else { throw .protocolViolation("a frame on channel \(number), which is not open") }
            return
        }
        switch frame {
        case .method(let method): try receive(method, on: number, slot)
        case .header(let size, let properties):
            guard let role = slot.role else { return }
            if let content = try slot.assembly.header(size: size, properties) { try role.receive(content) }
        case .body(let bytes):
            guard let role = slot.role else { return }
            if let content = try slot.assembly.body(bytes) { try role.receive(content) }
        case .heartbeat: throw .protocolViolation("a heartbeat on channel \(number)")
        }
    }

    private func receive(_ method: IncomingMethod, on number: UInt16, _ slot: ChannelSlot) throws(AMQPError) {
        switch method {
        case .channelClose(let closure):
            try send(.channelCloseOk, on: number)
            slots[number] = nil
            logger.debug(
                "The broker closed a channel.",
                metadata: ["amqp.code": "\(closure.code)", "amqp.text": "\(closure.text)"])
            slot.role?.channelDidClose(closure)
            slot.whenClosed?()
        case .channelCloseOk:
            slots[number] = nil
            slot.whenClosed?()
        case _ where slot.role == nil: break
        case .channelOpenOk:
            slot.isOpen = true
            slot.role?.channelDidOpen()
        case .channelFlow(let active): try send(.channelFlowOk(active: active), on: number)
        case .deliver(let head): try slot.assembly.begin(.delivered(head))
        case .getOk(let head): try slot.assembly.begin(.fetched(head))
        case .basicReturn(let head): try slot.assembly.begin(.returned(head))
        default: try slot.role?.receive(method)
        }
    }

    func resumePublishing() {
        for slot in slots.values where slot.isOpen { slot.role?.publishingMayResume() }
        flush()
    }

    /// Says goodbye: sends what is left, then `connection.close`, and hangs up two seconds later at the latest.
    func closeGracefully() {
        guard phase == .open else { return end(.connectionClosed(code: 0, text: "closed by this side")) }
        for slot in slots.values { slot.role?.connectionWillClose() }
        do throws(AMQPError) {
            try send(.close(code: 200, text: "shutting down"), on: 0)
            phase = .closing
            flush()
        } catch {
            return end(error)
        }
        after(.seconds(2)) { $0.end(.connectionClosed(code: 0, text: "closed by this side")) }
    }
}
