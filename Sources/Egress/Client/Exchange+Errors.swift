internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The one place where the libraries' errors become ``EgressError``.
extension Exchange {
    private var origin: String { submission.url.origin }

    func timeoutError() -> EgressError {
        switch phase {
        case .resolve: error(.timedOut, "Looking up \(submission.url.host) took too long.")
        case .connect: error(.timedOut, "Connecting to \(origin) took too long.")
        case .handshake: error(.timedOut, "The TLS handshake with \(origin) took too long.")
        case .write: error(.timedOut, "\(origin) did not take the whole request in time.")
        case .response: error(.timedOut, "\(origin) did not answer in time.")
        }
    }

    /// What a failed look-up or connect means.
    func connectError(_ cause: any Error) -> EgressError {
        guard let connection = cause as? NIOConnectionError else { return singleConnectError(cause) }
        let failures = connection.connectionErrors.map(\.error)
        // A server that was there but did not answer explains more than an address that was never tried.
        if let failure = failures.first(where: { !($0 is RefusedAddress) }) ?? failures.first {
            return singleConnectError(failure)
        }
        return singleConnectError(connection.dnsAError ?? connection.dnsAAAAError ?? LookupFailure.noAddress)
    }

    /// What the loss of a connection means that carried this exchange.
    func lossError(_ cause: (any Error)?) -> EgressError {
        guard let cause else {
            return error(.connectionReset, "\(origin) closed the connection before its answer was complete.")
        }
        if TLSFailure.isTLS(cause) {
            return error(.tlsFailed, "TLS with \(origin) failed: \(TLSFailure.reason(cause)).")
        }
        if let parser = cause as? HTTPParserError, parser != .invalidEOFState {
            let isHead = parser == .headerOverflow
            return error(
                .malformedResponse,
                isHead
                    ? "The head of the answer of \(origin) is beyond the limits."
                    : "The answer of \(origin) is not valid HTTP/1.1.")
        }
        if cause is NIOHTTPDecoderError {
            return error(.malformedResponse, "\(origin) sent an answer that nobody asked for.")
        }
        return error(
            .connectionReset, "\(origin) closed the connection before its answer was complete\(Self.suffix(cause)).")
    }

    private func singleConnectError(_ cause: any Error) -> EgressError {
        switch cause {
        case let refused as RefusedAddress:
            let address = refused.address.ipAddress ?? "the address"
            return error(.refusedAddress, "\(address) of \(origin) is refused: it is \(refused.reason.explanation).")
        case let failure as LookupFailure:
            return lookupError(failure)
        case ChannelError.connectTimeout:
            return timeoutError()
        case _ where TLSFailure.isTLS(cause):
            return error(.tlsFailed, "TLS with \(origin) failed: \(TLSFailure.reason(cause)).")
        default:
            return error(.connectFailed, "Connecting to \(origin) failed\(Self.suffix(cause)).")
        }
    }

    private func lookupError(_ failure: LookupFailure) -> EgressError {
        let host = submission.url.host
        return switch failure {
        case .noAddress: error(.dnsFailed, "\(host) has no address.")
        case .noAnswer: error(.dnsFailed, "The name servers of \(host) do not answer.")
        case .recentlyFailed:
            error(.dnsFailed, "The name servers of \(host) did not answer a moment ago and are left alone for a while.")
        case .tooBusy: error(.tooBusy, "Too many names are being looked up.")
        case .shutDown: error(.shutDown, "The client is shut down.")
        }
    }

    private static func suffix(_ cause: any Error) -> String {
        guard let code = (cause as? IOError)?.errnoCode else { return "" }
        return ": " + SystemError.text(code)
    }
}
