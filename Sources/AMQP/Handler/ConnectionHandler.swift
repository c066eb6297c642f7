internal import Logging
internal import NIOCore

/// One connection to the broker, from greeting to end: decodes frames, hands them to the roles of their channels, and
/// gathers what these send into one write per turn of the event loop.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    enum Phase {
        /// The handshake is under way.
        case connecting
        case open
        /// `connection.close` is sent by us, or the reason for the end is known: nothing is received any more.
        case closing
        case closed
    }

    let configuration: ConnectionConfiguration
    let eventLoop: any EventLoop
    let logger: Logger
    /// Told the reason when the broker blocks publishing, and nil when it goes on.
    let onBlocked: @Sendable (String?) -> Void
    /// Succeeds when the connection is open, fails when the handshake does.
    let ready: EventLoopPromise<Void>
    /// Succeeds, with the reason, when the connection has ended.
    let closed: EventLoopPromise<AMQPError>

    var context: ChannelHandlerContext?
    var phase = Phase.connecting
    var slots: [UInt16: ChannelSlot] = [:]
    var limits: ConnectionLimits?
    var isBlocked = false
    var unblockedAt: NIODeadline?
    var heartbeat = HeartbeatMonitor()
    var heartbeatTimer: RepeatedTask?
    private var handshake: Handshake
    private let decoder: FrameDecoder
    private(set) var encoder = FrameEncoder()
    private var outgoing = ByteBuffer()
    private var isFlushing = false
    private var lastChannel: UInt16 = 0
    private var endReason: AMQPError?

    init(
        configuration: ConnectionConfiguration, eventLoop: any EventLoop, logger: Logger,
        onBlocked: @escaping @Sendable (String?) -> Void
    ) throws(AMQPError) {
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.logger = logger
        self.onBlocked = onBlocked
        ready = eventLoop.makePromise()
        closed = eventLoop.makePromise()
        handshake = Handshake(configuration: configuration)
        decoder = try FrameDecoder()
    }

    /// Whether messages may be sent: the broker takes them, and so does the socket.
    var mayPublish: Bool { phase == .open && !isBlocked && context?.channel.isWritable == true }

    // MARK: Life of the socket

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { greet(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        greet(context)
        context.fireChannelActive()
    }

    private func greet(_ context: ChannelHandlerContext) {
        outgoing.writeBytes(FrameEncoder.greeting)
        flush()
        after(.seconds(Int64(configuration.connectTimeoutSeconds))) { handler in
            if handler.phase == .connecting { handler.end(.timeout("connecting")) }
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase != .closed, endReason == nil else { return }
        heartbeat.received()
        let input = unwrapInboundIn(data)
        do throws(AMQPError) {
            try input.withUnsafeReadableBytes { bytes throws(AMQPError) in
                try decoder.decode(bytes) { channel, frame throws(AMQPError) in try receive(frame, on: channel) }
            }
        } catch {
            end(error)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        for slot in slots.values { slot.role?.readDidComplete() }
        flush()
        context.fireChannelReadComplete()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if mayPublish { resumePublishing() }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(endReason ?? .connectionClosed(code: 0, text: "the broker closed the socket"))
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish(endReason ?? .connectionClosed(code: 0, text: "the socket was closed"))
        self.context = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        end(ConnectionHandler.translated(error))
    }

    /// Ends the connection for that reason; the first reason counts.
    func end(_ reason: AMQPError) {
        guard phase != .closed, endReason == nil else { return }
        endReason = reason
        phase = .closing
        flush()
        context?.close(promise: nil)
    }

    private func finish(_ reason: AMQPError) {
        guard phase != .closed else { return }
        phase = .closed
        heartbeatTimer?.cancel()
        let open = slots.sorted { $0.key < $1.key }
        slots = [:]
        for (_, slot) in open {
            slot.role?.connectionDidClose(reason)
            slot.whenClosed?()
        }
        ready.fail(reason)
        closed.succeed(reason)
    }

    // MARK: Handshake

    func receiveHandshake(_ method: IncomingMethod) throws(AMQPError) {
        let step = try handshake.receive(method)
        if let limits = step.limits {
            try decoder.tune(channelMax: limits.channelMax)
            encoder.frameMax = Int(limits.frameMax)
            self.limits = limits
        }
        for method in step.send { try send(method, on: 0) }
        if step.isOpen {
            phase = .open
            startHeartbeats()
            ready.succeed(())
        }
        flush()
    }

    // MARK: Sending

    /// Adds a method to what the next `flush` sends.
    func send(_ method: OutgoingMethod, on channel: UInt16) throws(AMQPError) {
        try encoder.write(method, channel: channel, into: &outgoing)
    }

    /// Adds a message to what the next `flush` sends.
    func send(_ message: OutgoingMessage, on channel: UInt16) throws(AMQPError) {
        try encoder.write(message, channel: channel, into: &outgoing)
        // Enough for a few large writes; holding more would only cost memory.
        if outgoing.readableBytes > 256 << 10 { flush() }
    }

    func sendHeartbeat() {
        encoder.writeHeartbeat(into: &outgoing)
        flush()
    }

    /// Writes all that was sent since the last time.
    ///
    /// A write can change the channel's writability, which resumes publishing before the write returns: what is sent
    /// from within goes out behind it, once.
    func flush() {
        guard outgoing.readableBytes > 0, !isFlushing, let context else { return }
        isFlushing = true
        defer { isFlushing = false }
        heartbeat.sent()
        while outgoing.readableBytes > 0 {
            let count = outgoing.readableBytes
            context.writeAndFlush(wrapOutboundOut(outgoing), promise: nil)
            outgoing.moveReaderIndex(forwardBy: count)
        }
        // Keeps the memory if the socket took everything at once, else takes new.
        outgoing.clear()
    }

    // MARK: Channels

    /// Begins to open a channel; the role hears of it by `channelDidOpen`.
    func openChannel(_ role: any ChannelRole) throws(AMQPError) -> UInt16 {
        guard phase == .open, let limits else { throw .notConnected }
        guard slots.count < limits.channelMax else {
            throw .notEncodable("the connection has all of its \(limits.channelMax) channels in use")
        }
        repeat { lastChannel = lastChannel >= limits.channelMax ? 1 : lastChannel + 1 } while slots[lastChannel] != nil
        let number = lastChannel
        slots[number] = ChannelSlot(role: role)
        try send(.channelOpen, on: number)
        flush()
        after(.seconds(Int64(configuration.callTimeoutSeconds))) { handler in
            guard let slot = handler.slots[number], slot.role === role, !slot.isOpen else { return }
            handler.end(.timeout("opening a channel"))
        }
        return number
    }

    /// Closes the role's channel, if it still has that number; the role hears nothing more.
    func closeChannel(_ number: UInt16, of role: any ChannelRole, whenClosed: (() -> Void)? = nil) {
        guard phase == .open, let slot = slots[number], slot.role === role else {
            whenClosed?()
            return
        }
        slot.role = nil
        slot.whenClosed = whenClosed
        do throws(AMQPError) { try send(.channelClose, on: number) } catch { end(error) }
        flush()
    }

    /// Runs the body on the event loop after that time, unless the connection has ended.
    @discardableResult
    func after(_ time: TimeAmount, _ body: @escaping (ConnectionHandler) -> Void) -> Scheduled<Void> {
        eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            if phase != .closed { body(self) }
        }
    }
}
