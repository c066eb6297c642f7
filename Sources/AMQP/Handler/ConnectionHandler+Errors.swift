internal import NIOCore
internal import NIOSSL

extension ConnectionHandler {
    /// The error of this module for what NIO threw while connecting or connected.
    static func translated(_ error: any Error) -> AMQPError {
        switch error {
        case let error as AMQPError: error
        case let error as NIOSSLError: .tls(String(describing: error))
        case let error as BoringSSLError: .tls(String(describing: error))
        case let error as NIOSSLExtraError: .tls(String(describing: error))
        case let error as ChannelError where error == .alreadyClosed || error == .inputClosed:
            .connectionClosed(code: 0, text: "the socket was closed")
        case let error as IOError: .connectionClosed(code: 0, text: String(describing: error))
        default: .unreachable(String(describing: error))
        }
    }
}
