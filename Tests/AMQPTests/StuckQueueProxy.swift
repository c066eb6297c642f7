import NIOCore
import NIOPosix
import Synchronization

/// Stands between a client and the real broker and makes queues there that have lost their leader: whatever a channel
/// asks of such a queue is swallowed, and all that the channel sends after it, as RabbitMQ's channel process hangs then.
final class StuckQueueProxy: Sendable {
    /// What is asked of a queue, by class and method of AMQP 0-9-1.
    enum Call: UInt32 {
        case delete = 0x32_0028
        case consume = 0x3C_0014
        case publish = 0x3C_0028
    }

    /// A call that is swallowed, so many times.
    struct Sticking {
        let call: Call
        let queue: String
        var times: Int
    }

    struct State {
        var stuck: [Sticking] = []
        var isFrozen = false
        var connections: [any Channel] = []
    }

    let port: Int
    private let listener: any Channel
    private let state: SharedState

    /// The state, shared with the handlers of all connections.
    final class SharedState: Sendable {
        let state = Mutex(State())
    }

    private init(listener: any Channel, state: SharedState, port: Int) {
        self.listener = listener
        self.state = state
        self.port = port
    }

    static func start(to port: Int) async throws -> StuckQueueProxy {
        let state = SharedState()
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelInitializer { client in
                state.state.withLock { $0.connections.append(client) }
                return ClientBootstrap(group: client.eventLoop)
                    .channelInitializer { broker in
                        broker.eventLoop.makeCompletedFuture {
                            try broker.pipeline.syncOperations.addHandler(Relay(to: client, state: state))
                        }
                    }
                    .connect(host: "127.0.0.1", port: port)
                    .flatMapThrowing { broker in
                        try client.pipeline.syncOperations.addHandler(Relay(to: broker, state: state, filter: .init()))
                    }
                    .flatMap { client.setOption(.autoRead, value: true) }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return StuckQueueProxy(listener: listener, state: state, port: listener.localAddress?.port ?? 0)
    }

    func stop() async {
        cutConnections()
        try? await listener.close()
    }

    func stick(_ call: Call, of queue: String, times: Int = .max) {
        state.state.withLock { $0.stuck.append(Sticking(call: call, queue: queue, times: times)) }
    }

    func unstick() {
        state.state.withLock { $0.stuck = [] }
    }

    /// Lets nothing through any more, in either direction.
    func freeze() {
        state.state.withLock { $0.isFrozen = true }
    }

    func cutConnections() {
        let connections = state.state.withLock { state in
            defer { state.connections = [] }
            return state.connections
        }
        for connection in connections { connection.close(promise: nil) }
    }
}

/// Hands on what one side sends.
private final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let peer: any Channel
    private let state: StuckQueueProxy.SharedState
    private var filter: FrameFilter?

    init(to peer: any Channel, state: StuckQueueProxy.SharedState, filter: FrameFilter? = nil) {
        self.peer = peer
        self.state = state
        self.filter = filter
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard !state.state.withLock({ $0.isFrozen }) else { return }
        let passed = state.state.withLock { filter == nil ? bytes : filter?.pass(bytes, &$0.stuck) }
        guard let passed, passed.readableBytes > 0 else { return }
        peer.writeAndFlush(passed, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        peer.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Leaves the frames of stuck channels out of a client's stream.
private struct FrameFilter {
    private var pending = ByteBuffer()
    private var hasGreeted = false
    private var stuckChannels: Set<UInt16> = []

    mutating func pass(_ bytes: ByteBuffer, _ stuck: inout [StuckQueueProxy.Sticking]) -> ByteBuffer {
        pending.writeImmutableBuffer(bytes)
        var passed = ByteBuffer()
        if !hasGreeted, let greeting = pending.readSlice(length: 8) {
            hasGreeted = true
            passed.writeImmutableBuffer(greeting)
        }
        while hasGreeted, let frame = nextFrame() {
            let channel = frame.getInteger(at: frame.readerIndex + 1, as: UInt16.self) ?? 0
            if frame.getInteger(at: frame.readerIndex, as: UInt8.self) == 1,
                let method = frame.getInteger(at: frame.readerIndex + 7, as: UInt32.self),
                let match = stuck.firstIndex(where: {
                    $0.times > 0 && $0.call.rawValue == method && frame.names($0.queue)
                })
            {
                stuck[match].times -= 1
                stuckChannels.insert(channel)
            }
            if !stuckChannels.contains(channel) { passed.writeImmutableBuffer(frame) }
        }
        pending.discardReadBytes()
        return passed
    }

    /// The next whole frame: type, channel, size, payload and end mark.
    private mutating func nextFrame() -> ByteBuffer? {
        guard let size = pending.getInteger(at: pending.readerIndex + 3, as: UInt32.self) else { return nil }
        return pending.readSlice(length: Int(size) + 8)
    }
}

extension ByteBuffer {
    /// Whether a short string with this text is in it.
    fileprivate func names(_ text: String) -> Bool {
        let sought = [UInt8(text.utf8.count)] + Array(text.utf8)
        let bytes = Array(readableBytesView)
        guard bytes.count >= sought.count else { return false }
        return (0...bytes.count - sought.count).contains { bytes[$0..<$0 + sought.count].elementsEqual(sought) }
    }
}
