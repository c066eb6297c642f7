internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOTLS

/// One connection: carries one exchange after the other, and closes at the first sign of anything else.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private enum State {
        /// Carries nothing. Followed by `busy` or `closed`.
        case idle
        /// Awaits or reads an answer. Followed by `settling` or `closed`.
        case busy(Exchange)
        /// The answer is whole, the read that brought its end is not over. Followed by `idle` or `closed`.
        case settling
        /// The socket is closed or about to be; final.
        case closed
    }

    let key: PoolKey
    /// The neighbours and the time in the lane's list of idle connections, which alone touches them.
    var idleLinks = IdleLinks()

    private let gate: EgressGuard
    private let lane: Lane
    private let security: Security
    private var context: ChannelHandlerContext?
    private var state = State.idle
    private var assembly = ResponseAssembly(bodyLimit: 0)
    /// Whether requests may be written.
    private var isSecured: Bool
    private var isWritten = false
    private var exchanges = 0

    init(key: PoolKey, security: Security, gate: EgressGuard, lane: Lane) {
        self.key = key
        self.security = security
        isSecured = security == .plain
        self.gate = gate
        self.lane = lane
    }

    var phase: EgressError.Phase {
        if !isSecured { return .handshake }
        return isWritten ? .response : .write
    }

    /// Whether the socket is open and carries nothing.
    var isIdle: Bool { if case .idle = state { context?.channel.isActive ?? false } else { false } }

    /// Writes the request in one flush; its answer or failure goes to the lane.
    func carry(_ exchange: Exchange) {
        guard let context, isIdle else { return lane.lost(exchange, from: self, cause: nil) }
        exchange.stage = .assigned(self)
        state = .busy(exchange)
        assembly = ResponseAssembly(bodyLimit: exchange.submission.bodyLimit)
        isWritten = false
        exchanges += 1
        // Otherwise the end of the handshake writes it.
        if isSecured { write(exchange, context) }
    }

    private func write(_ exchange: Exchange, _ context: ChannelHandlerContext) {
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenSuccess {
            exchange.wasSent = true
            self.isWritten = true
        }
        context.write(wrapOutboundOut(.head(lane.decoderHead(exchange.submission.method))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(exchange.submission.wire))), promise: written)
    }

    /// Whether a loss may be the race with a server that closed an idle connection: nothing of an answer came.
    var mayHaveLostRace: Bool { exchanges > 1 && assembly.wireBytes == 0 }

    /// Closes an idle connection politely.
    func retire() {
        state = .closed
        context?.close(promise: nil)
    }

    /// Closes at once; whatever it carried has been or is about to be answered by the caller.
    func abort() {
        state = .closed
        gate.abort()
    }

    private func end(_ exchange: Exchange, _ result: Result<OutboundResponse, EgressError>) {
        abort()
        lane.finish(exchange, result)
    }

    private func take(_ step: ResponseAssembly.Step, for exchange: Exchange) {
        switch step {
        case .wait:
            break
        case .complete(let response, let reusable):
            // An answer that overtakes its request leaves the rest of the request on the wire.
            if reusable && isWritten { state = .settling } else { abort() }
            lane.finish(exchange, .success(response))
        case .overflow:
            end(exchange, .failure(exchange.error(.malformedResponse, "The answer's head is beyond the limits.")))
        }
    }

    private func lost(_ cause: (any Error)?) {
        switch state {
        case .busy(let exchange):
            state = .closed
            gate.abort()
            let isUnclean = cause.map(TLSFailure.isUncleanShutdown) ?? true
            if isUnclean, assembly.hasHead, assembly.isDelimitedByClose {
                take(assembly.truncated(), for: exchange)
            } else {
                lane.lost(exchange, from: self, cause: cause)
            }
        case .idle, .settling:
            abort()
            lane.forget(self)
        case .closed:
            break
        }
    }
}

// MARK: What the wire tap tells

extension Connection {
    /// Whether the bytes may go on to the decoder; bytes on an idle connection end it.
    func willRead(_ bytes: Int) -> Bool {
        guard case .busy(let exchange) = state else {
            lost(nil)
            return false
        }
        take(assembly.count(bytes), for: exchange)
        return isReading
    }

    /// Whether an answer is still being read.
    var isReading: Bool { if case .busy = state { true } else { false } }

    /// Parks the connection if the read ended exactly with the answer.
    func didRead() {
        guard case .settling = state else { return }
        state = .idle
        lane.park(self)
    }

    /// Closes the connection because something follows the answer.
    func foundExcessBytes() {
        guard case .settling = state else { return }
        abort()
    }
}

// MARK: ChannelInboundHandler

extension Connection {
    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .busy(let exchange) = state else { return }
        take(assembly.receive(unwrapInboundIn(data)), for: exchange)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if !isSecured, case .handshakeCompleted? = event as? TLSUserEvent { handshakeEnded(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func handshakeEnded(_ context: ChannelHandlerContext) {
        guard bearsName(context) else {
            guard case .busy(let exchange) = state else { return abort() }
            return end(exchange, .failure(exchange.lossError(NIOSSLExtraError.failedToValidateHostname)))
        }
        isSecured = true
        if case .busy(let exchange) = state { write(exchange, context) }
    }

    private func bearsName(_ context: ChannelHandlerContext) -> Bool {
        guard case .tls(let name?) = security else { return true }
        let handler = try? context.pipeline.syncOperations.handler(type: NIOSSLClientHandler.self)
        return handler?.peerCertificate.map { PeerName.matches($0, host: name) } ?? false
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { lost(error) }

    func channelInactive(context: ChannelHandlerContext) {
        lost(nil)
        context.fireChannelInactive()
    }
}
