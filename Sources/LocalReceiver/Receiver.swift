package import NIOCore
import NIOHTTP1
import NIOPosix
package import NIOSSL

/// An HTTP/1.1 server on loopback that counts what it gets and misbehaves on demand.
///
/// A behaviour is chosen with `respond(at:with:)` or by the URL itself (`/status/503`, `/fail-first/2/503`, `/hang`,
/// `/reset`, `/reset-midway`, `/close`, `/close-after`, `/big/10000000`, `/delay/500`, `/retry-after/5/429`,
/// `/trickle/100`), so that programs without access to this object can use it too. Every other path accepts: 200 with
/// `{"id":"<webhook-id>"}`.
package final class Receiver: Sendable {
    /// The port it listens on.
    package let port: Int
    private let host: String
    private let isSecure: Bool
    private let server: any Channel
    private let core: ReceiverCore

    private init(_ server: any Channel, _ core: ReceiverCore, host: String, port: Int, isSecure: Bool) {
        self.server = server
        self.core = core
        self.host = host
        self.port = port
        self.isSecure = isSecure
    }

    /// Starts a receiver and returns when it listens.
    ///
    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - tls: serves https with this configuration where it is given.
    ///   - keepBodies: whether headers and bodies are kept. Path, delivery id and time always are, which is enough
    ///     to count.
    ///   - verify: judges headers and body of every request; its answer is `ReceivedRequest.isVerified`.
    package static func start(
        host: String = "127.0.0.1",
        port: Int = 0,
        tls: TLSConfiguration? = nil,
        keepBodies: Bool = true,
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        verify: (@Sendable ([(String, String)], [UInt8]) -> Bool)? = nil
    ) async throws -> Receiver {
        let core = ReceiverCore(keepsBodies: keepBodies, verify: verify)
        let context = try tls.map { try NIOSSLContext(configuration: $0) }
        let server = try await ServerBootstrap(group: eventLoopGroup)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let context { try pipeline.addHandler(NIOSSLServerHandler(context: context)) }
                    try pipeline.addHandler(
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
                    try pipeline.addHandler(ReceiverHandler(core: core, connectionID: core.accepted(channel)))
                }
            }
            .bind(host: host, port: port).get()
        guard let bound = server.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        return Receiver(server, core, host: host, port: bound, isSecure: tls != nil)
    }

    /// The URL of a path that begins with `/`.
    package func url(_ path: String) -> String {
        "\(isSecure ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)\(path)"
    }

    /// Chooses how requests to exactly this path are answered from now on; the query does not count.
    package func respond(at path: String, with behaviour: Behaviour) { core.respond(at: path, with: behaviour) }

    /// What has been received, in order of arrival; at one path, whatever the query, or everywhere.
    package func requests(at path: String? = nil) -> [ReceivedRequest] { core.recorder.requests(at: path) }

    /// How many requests have been received at the path, or everywhere.
    package func count(at path: String? = nil) -> Int { core.recorder.count(at: path) }

    /// How many different `webhook-id`s have been received.
    package var distinctDeliveries: Int { core.recorder.distinctDeliveries }

    /// How many connections have been accepted so far.
    package var acceptedConnections: Int { core.acceptedConnections }

    /// Returns when so many requests have been received, or when the receiver stops or the task is cancelled.
    package func waitForRequests(_ count: Int, at path: String? = nil) async {
        await core.recorder.wait(for: count, at: path)
    }

    /// Every request from now on, for a subscriber of its own; ends when the receiver stops.
    package var stream: AsyncStream<ReceivedRequest> { core.recorder.stream() }

    /// Forgets what has been received; behaviours and connections stay.
    package func reset() { core.recorder.reset() }

    /// Closes every connection without touching the listener, as a restarted peer would.
    package func closeConnections() async {
        for channel in core.openConnections { try? await channel.close() }
    }

    /// Stops listening, closes every connection, ends every stream and lets every waiter go.
    package func stop() async {
        try? await server.close()
        await closeConnections()
        core.recorder.finish()
    }
}
