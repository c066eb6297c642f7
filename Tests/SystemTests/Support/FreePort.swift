import NIOCore
import NIOPosix

/// A loopback port that nobody listens on now.
enum FreePort {
    static func find() async throws -> Int {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = server.localAddress?.port ?? 0
        try await server.close()
        return port
    }
}
