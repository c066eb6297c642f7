import NIOCore
import NIOPosix
import NIOSSL

/// The server's end of a connection: reads requests as bytes and follows the script.
final class ServerConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let script: ServerScript
    private let log: ServerLog
    private let number: Int
    private var requests = 0
    private var received = ByteBuffer()

    init(script: ServerScript, log: ServerLog) {
        self.script = script
        self.log = log
        number = log.opened()
    }

    func channelActive(context: ChannelHandlerContext) {
        if script.trigger == .connection { act(context) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        log.closed()
        context.fireChannelInactive()
    }

    // A peer that goes away is what many of these tests are about.
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        received.writeImmutableBuffer(unwrapInboundIn(data))
        let text = String(buffer: received)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return }
        let head = String(text[..<end.lowerBound])
        if script.trigger == .head {
            guard requests == 0 else { return received.clear() }
            context.channel.setOption(.autoRead, value: false).whenComplete { _ in }
            return requested(head, context)
        }
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
            .flatMap { Int($0.dropFirst("content-length: ".count)) }
        let size = head.utf8.count + 4 + (length ?? 0)
        guard received.readableBytes >= size else { return }
        received.moveReaderIndex(forwardBy: size)
        received.discardReadBytes()
        requested(head, context)
    }

    private func requested(_ head: String, _ context: ChannelHandlerContext) {
        requests += 1
        log.requested(head)
        if script.trigger != .connection { act(context) }
    }

    private func act(_ context: ChannelHandlerContext) {
        for action in script.actions(max(requests, 1), number) { perform(action, context) }
    }

    private func perform(_ action: ServerAction, _ context: ChannelHandlerContext) {
        switch action {
        case .send(let text): write(text, context)
        case .sendFiller(let count): write(String(repeating: "x", count: count), context)
        case .sendForever(let text): writeForever(String(repeating: text, count: 200), context.channel)
        case .sendTimes(let text, let count): write(String(repeating: text, count: count), context)
        case .trickle(let text, let milliseconds):
            let channel = context.channel
            let step = TimeAmount.milliseconds(Int64(milliseconds))
            context.eventLoop.scheduleRepeatedTask(initialDelay: step, delay: step) { task in
                channel.writeAndFlush(ByteBuffer(string: text)).whenFailure { _ in task.cancel() }
            }
        case .close: context.close(promise: nil)
        case .cut: bottom(context).close(promise: nil)
        case .reset:
            let bottom = NIOLoopBound(bottom(context), eventLoop: context.eventLoop)
            (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                .whenComplete { _ in bottom.value.close(promise: nil) }
        case .stopListening: log.stopListening()
        }
    }

    /// The place from which a close passes TLS by.
    private func bottom(_ context: ChannelHandlerContext) -> ChannelHandlerContext {
        (try? context.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self)) ?? context
    }

    private func write(_ text: String, _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    private func writeForever(_ text: String, _ channel: any Channel) {
        let bytes = ByteBuffer(string: text)
        @Sendable func next() {
            channel.writeAndFlush(bytes).whenSuccess { channel.eventLoop.execute(next) }
        }
        next()
    }
}
