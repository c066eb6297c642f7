internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Looks up and connects for one exchange; several sockets may race, one wins.
final class ConnectAttempt {
    private let exchange: Exchange
    private let lane: Lane
    private let resolver: ConnectResolver
    private var channels: [any Channel] = []
    private var isAbandoned = false

    init(exchange: Exchange, lane: Lane) {
        self.exchange = exchange
        self.lane = lane
        resolver = ConnectResolver(loop: lane.loop)
    }

    var phase: EgressError.Phase {
        exchange.submission.url.isAddressLiteral || resolver.isResolved ? .connect : .resolve
    }

    func begin() {
        let url = exchange.submission.url
        let bound = NIOLoopBound(self, eventLoop: lane.loop)
        let bootstrap = ClientBootstrap(group: lane.loop)
            .connectTimeout(max(exchange.connectDeadline - .now(), .milliseconds(1)))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try bound.value.prepare(channel) }
            }
        let connected: EventLoopFuture<any Channel>
        if url.isAddressLiteral, let address = try? SocketAddress(ipAddress: url.host, port: url.port) {
            resolver.closeUnused()
            connected = bootstrap.connect(to: address)
        } else {
            connected = bootstrap.resolver(resolver).connect(host: url.host, port: url.port)
            resolver.begin(url, policy: lane.policy, resolver: lane.resolver)
        }
        connected.assumeIsolated().whenComplete { self.complete($0) }
    }

    /// Gives up: closes what is being opened and leaves a look-up to whoever asks next.
    func abandon() {
        isAbandoned = true
        for channel in channels { channel.close(promise: nil) }
        channels = []
    }

    private func prepare(_ channel: any Channel) throws {
        guard !isAbandoned else { throw ChannelError.ioOnClosedChannel }
        channels.append(channel)
        let submission = exchange.submission
        let gate = EgressGuard(policy: lane.policy, scheme: submission.url.scheme)
        let name = submission.url.isAddressLiteral ? nil : submission.url.host
        let security: Security = submission.tls == nil ? .plain : .tls(name: name)
        let connection = Connection(key: submission.key, security: security, gate: gate, lane: lane)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(gate)
        if let context = submission.tls {
            try pipeline.addHandler(NIOSSLClientHandler(context: context, serverHostname: name))
        }
        try pipeline.addHandler(WireTap(connection: connection))
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder(limitConfiguration: Self.limits)))
        try pipeline.addHandler(connection)
    }

    private func complete(_ result: Result<any Channel, any Error>) {
        channels = []
        switch result {
        case .success(let channel):
            guard !isAbandoned, let connection = try? channel.pipeline.syncOperations.handler(type: Connection.self)
            else { return channel.close(promise: nil) }
            connection.carry(exchange)
        case .failure(let error):
            guard !isAbandoned else { return }
            lane.finish(exchange, .failure(exchange.connectError(error)))
        }
    }

    private static let limits: NIOHTTPDecoderLimitConfiguration = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 8 * 1024
        limits.maxHeaderListSize = 64 * 1024
        limits.maxHeaderFieldCount = 100
        return limits
    }()
}
