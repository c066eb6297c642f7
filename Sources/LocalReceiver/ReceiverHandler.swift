import Glibc
import NIOCore
import NIOHTTP1

/// One connection: collects a request, has it recorded, and answers as its path's behaviour says.
///
/// Answers keep the order of the requests: while one is being given, those that were pipelined behind it wait.
final class ReceiverHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let core: ReceiverCore
    private let connectionID: Int
    private var head: HTTPRequestHead?
    private var body: [UInt8] = []
    private var isAnswering = false
    private var isClosed = false
    private var waiting: [(ReceivedRequest, Bool)] = []

    init(core: ReceiverCore, connectionID: Int) {
        self.core = core
        self.connectionID = connectionID
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            self.head = head
            if head.headers.contains(name: "expect") {
                context.writeAndFlush(
                    wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
            }
        case .body(let part):
            if core.needsBodies { part.withUnsafeReadableBytes { body.append(contentsOf: $0) } }
        case .end:
            guard let head else { return }
            self.head = nil
            let request = core.request(head, body, connectionID)
            body.removeAll(keepingCapacity: true)
            if isAnswering {
                waiting.append((request, head.isKeepAlive))
            } else {
                answer(request, head.isKeepAlive, context)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        context.fireChannelInactive()
    }

    private func answer(_ request: ReceivedRequest, _ keepsAlive: Bool, _ context: ChannelHandlerContext) {
        isAnswering = true
        let occurrence = core.recorder.record(request)
        perform(core.behaviour(for: request.path), Exchange(request, occurrence, keepsAlive), context)
    }

    private struct Exchange {
        let request: ReceivedRequest
        let occurrence: Recorder.Occurrence
        let keepsAlive: Bool

        init(_ request: ReceivedRequest, _ occurrence: Recorder.Occurrence, _ keepsAlive: Bool) {
            self.request = request
            self.occurrence = occurrence
            self.keepsAlive = keepsAlive
        }
    }

    private func perform(_ behaviour: Behaviour, _ exchange: Exchange, _ context: ChannelHandlerContext) {
        switch behaviour {
        case .accept: accept(exchange, context)
        case .status(let status, let headers, let body):
            send(status, headers, body.utf8, exchange, context)
        case .failFirst(let count, let status):
            if exchange.occurrence.ofDelivery > count {
                accept(exchange, context)
            } else {
                send(status, [], [], exchange, context)
            }
        case .failFirstTotal(let count, let status):
            if exchange.occurrence.ofPath > count {
                accept(exchange, context)
            } else {
                send(status, [], [], exchange, context)
            }
        case .retryAfter(let seconds, let status):
            send(status, [("retry-after", String(seconds))], [], exchange, context)
        case .quota(let count, let seconds):
            if core.recorder.isWithin(count, of: seconds, exchange.request) {
                accept(exchange, context)
            } else {
                send(429, [("retry-after", String(seconds))], [], exchange, context)
            }
        case .large(let bytes):
            send(200, [], repeatElement(UInt8(ascii: "x"), count: bytes), exchange, context)
        case .delay(let milliseconds, let next):
            after(milliseconds, context) { handler, context in handler.perform(next, exchange, context) }
        case .hang: break
        case .closeBeforeAnswer: context.close(promise: nil)
        case .resetBeforeAnswer: reset(context)
        case .resetMidway:
            let half = AnswerBytes.complete(200, body: Array("half".utf8), keepsAlive: true, context.channel.allocator)
            write(half.getSlice(at: 0, length: half.readableBytes - 2) ?? half, context) { $0.reset($1) }
        case .closeAfterAnswer:
            write(
                AnswerBytes.accepted(exchange.request.deliveryID, keepsAlive: true, context.channel.allocator), context
            ) {
                $1.close(promise: nil)
            }
        case .raw(let bytes): write(ByteBuffer(bytes: bytes), context) { $1.close(promise: nil) }
        case .trickle(let milliseconds):
            trickle(milliseconds, exchange, context)
        }
    }
}

// MARK: - Sending

extension ReceiverHandler {
    private func accept(_ exchange: Exchange, _ context: ChannelHandlerContext) {
        let id = exchange.request.deliveryID
        finish(
            AnswerBytes.accepted(id, keepsAlive: exchange.keepsAlive, context.channel.allocator), exchange, context)
    }

    private func send(
        _ status: Int, _ headers: [(String, String)], _ body: some Collection<UInt8>, _ exchange: Exchange,
        _ context: ChannelHandlerContext
    ) {
        let bytes = AnswerBytes.complete(
            status, headers: headers, body: body, keepsAlive: exchange.keepsAlive, context.channel.allocator)
        finish(bytes, exchange, context)
    }

    /// Sends the whole answer and turns to the next request.
    private func finish(_ bytes: ByteBuffer, _ exchange: Exchange, _ context: ChannelHandlerContext) {
        guard exchange.keepsAlive else { return write(bytes, context) { $1.close(promise: nil) } }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        proceed(context)
    }

    private func proceed(_ context: ChannelHandlerContext) {
        isAnswering = false
        guard !waiting.isEmpty else { return }
        let (request, keepsAlive) = waiting.removeFirst()
        answer(request, keepsAlive, context)
    }

    private func trickle(_ milliseconds: Int, _ exchange: Exchange, _ context: ChannelHandlerContext) {
        var bytes = AnswerBytes.accepted(
            exchange.request.deliveryID, keepsAlive: exchange.keepsAlive, context.channel.allocator)
        guard let first = bytes.readSlice(length: bytes.readableBytes - 10) else { return }
        context.writeAndFlush(wrapOutboundOut(first), promise: nil)
        drip(bytes, milliseconds, exchange, context)
    }

    private func drip(_ rest: ByteBuffer, _ milliseconds: Int, _ exchange: Exchange, _ context: ChannelHandlerContext) {
        var rest = rest
        guard let byte = rest.readSlice(length: 1) else {
            return exchange.keepsAlive ? proceed(context) : context.close(promise: nil)
        }
        context.writeAndFlush(wrapOutboundOut(byte), promise: nil)
        after(milliseconds, context) { handler, context in handler.drip(rest, milliseconds, exchange, context) }
    }

    private func write(
        _ bytes: ByteBuffer, _ context: ChannelHandlerContext,
        then: @escaping (ReceiverHandler, ChannelHandlerContext) -> Void
    ) {
        context.writeAndFlush(wrapOutboundOut(bytes)).assumeIsolated().whenComplete { _ in then(self, context) }
    }

    private func after(
        _ milliseconds: Int, _ context: ChannelHandlerContext,
        _ body: @escaping (ReceiverHandler, ChannelHandlerContext) -> Void
    ) {
        context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(milliseconds))) {
            if !self.isClosed { body(self, context) }
        }
    }

    /// Closes with RST instead of FIN: what is unsent is thrown away and the peer reads ECONNRESET.
    private func reset(_ context: ChannelHandlerContext) {
        guard let socket = context.channel as? any SocketOptionProvider else { return context.close(promise: nil) }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}
