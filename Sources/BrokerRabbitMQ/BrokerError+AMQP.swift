internal import AMQP
internal import Distribution

extension BrokerError {
    /// What the client reports, by what it means for the caller: wait and try again, or have an operator look.
    init(_ error: any Error) {
        switch error {
        case let error as BrokerError:
            self = error
        case let error as AMQPError:
            self.init(
                kind: error.isRefusal ? .refused : .unavailable, message: error.description,
                remediation: error.remediation)
        default:
            self.init(kind: .unavailable, message: "The call to the broker was cut short.")
        }
    }
}

extension AMQPError {
    /// Whether trying again as it is will not help.
    fileprivate var isRefusal: Bool {
        switch self {
        // Access refused, locked by another connection, other properties, not allowed, not implemented.
        case .channelClosed(let code, _): [403, 405, 406, 530, 540].contains(code)
        case .authenticationFailed, .invalidURL, .notEncodable: true
        case .notConnected, .connectionClosed, .protocolViolation, .timeout, .unanswered, .unconfirmed: false
        case .tls, .unreachable: false
        }
    }

    /// Whether the broker leaves the consumer of a queue without an answer, and answers everything else.
    var isUnanswered: Bool {
        if case .unanswered = self { true } else { false }
    }

    /// Whether the broker says that the queue or exchange does not exist.
    var isNotFound: Bool {
        if case .channelClosed(404, _) = self { true } else { false }
    }
}
