import NIOCore
import NIOPosix
import NIOSSL

/// A server on a free port of the loopback interface that does what its script says.
struct TestServer: Sendable {
    let port: Int
    let log: ServerLog
    var isTLS = false

    func url(_ path: String = "/hook", host: String = "127.0.0.1") -> String {
        "\(isTLS ? "https" : "http")://\(host):\(port)\(path)"
    }

    var seen: ServerLog.Seen { log.seen }
}

/// Runs the body against a server that exists no longer than the body.
func withServer<Result>(
    _ script: ServerScript, tls: NIOSSLContext? = nil, host: String = "127.0.0.1",
    _ body: (TestServer) async throws -> Result
) async throws -> Result {
    let log = ServerLog()
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
        .childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                let pipeline = channel.pipeline.syncOperations
                if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
                try pipeline.addHandler(ServerConnection(script: script, log: log))
            }
        }
        .bind(host: host, port: 0).get()
    log.listening(listener)
    let server = TestServer(port: listener.localAddress?.port ?? 0, log: log, isTLS: tls != nil)
    do {
        let result = try await body(server)
        try? await listener.close()
        return result
    } catch {
        try? await listener.close()
        throw error
    }
}
