internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

extension ConnectionHandler {
    /// The error of this module for what NIO threw while connecting or connected.
    static func translated(_ error: any Error) -> AMQPError {
        switch error {
        case let error as AMQPError: error
        case let error as TLSOptionsError: .tls(error.description)
        case let error as NIOSSLError: .tls(String(describing: error))
        case let error as BoringSSLError: .tls(String(describing: error))
        case let error as NIOSSLExtraError: .tls(String(describing: error))
        case let error as ChannelError where error == .alreadyClosed || error == .inputClosed:
            .connectionClosed(code: 0, text: "the socket was closed")
        case let error as IOError: .connectionClosed(code: 0, text: String(describing: error))
        case let error as NIOConnectionError: .unreachable(reason(of: error))
        default: .unreachable(String(describing: error))
        }
    }

    /// Why none of a host's addresses could be reached.
    private static func reason(of error: NIOConnectionError) -> String {
        guard let failure = error.connectionErrors.first else {
            let cause = (error.dnsAError ?? error.dnsAAAAError).map { ": \($0)" } ?? ""
            return "the name \(error.host) is not resolved\(cause)"
        }
        let reason = (failure.error as? IOError).map { String(cString: strerror($0.errnoCode)) }
        return "\(error.host):\(error.port): \(reason ?? String(describing: failure.error))"
    }
}
