internal import NIOCore
internal import NIOHTTP1

/// Sits between the bytes and the HTTP decoder, and sees what the decoder hides.
///
/// Outbound it lets the encoded request through and keeps back the head that only the decoder needs. Inbound it
/// counts bytes and hands over the last one of each read by itself: an answer that ends before it is followed by
/// bytes that nobody asked for, which must never become the start of the next answer.
final class WireTap: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = HTTPClientRequestPart
    typealias OutboundOut = ByteBuffer

    private let connection: Connection

    init(connection: Connection) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        guard bytes.readableBytes > 0, connection.willRead(bytes.readableBytes) else { return }
        if let front = bytes.readSlice(length: bytes.readableBytes - 1), front.readableBytes > 0 {
            context.fireChannelRead(wrapInboundOut(front))
            guard connection.isReading else { return connection.foundExcessBytes() }
        }
        context.fireChannelRead(wrapInboundOut(bytes))
        connection.didRead()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .body(.byteBuffer(let bytes)): context.write(wrapOutboundOut(bytes), promise: promise)
        case .head, .body, .end: promise?.succeed()
        }
    }
}
