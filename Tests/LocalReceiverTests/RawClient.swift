import Glibc
import NIOCore
import NIOPosix

/// A connection that sends bytes as they are and shows what comes back.
struct RawClient: Sendable {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// How the receiver ended the connection.
    enum Ending: Equatable { case closed, reset }

    static func connect(_ port: Int) async throws -> RawClient {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return RawClient(channel: channel)
    }

    static func post(_ path: String, id: String = "msg_1", body: String = "hello", more: String = "") -> String {
        "POST \(path) HTTP/1.1\r\nhost: x\r\nwebhook-id: \(id)\r\n\(more)content-length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// Sends the text and returns what is answered, up to the given ending of the text or the end of the connection.
    static func exchange(_ port: Int, _ text: String, until end: String? = nil) async throws -> (String, Ending?) {
        try await connect(port).channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: text))
            var answer = ""
            do {
                for try await part in inbound {
                    answer += String(buffer: part)
                    if let end, answer.hasSuffix(end) { return (answer, nil) }
                }
                return (answer, .closed)
            } catch let error as IOError where error.errnoCode == ECONNRESET {
                return (answer, .reset)
            }
        }
    }
}
