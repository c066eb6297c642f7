/// Why an AMQP operation did not succeed.
///
/// `description` is a sentence for people; it never contains credentials.
package enum AMQPError: Error, Sendable, Equatable {
    /// There is no open connection right now; it is being re-established in the background.
    case notConnected
    /// The broker closed the channel (404 not found, 403 refused, 405 locked, 406 precondition failed, …). The
    /// connection and its other channels are not affected.
    case channelClosed(code: Int, text: String)
    /// The connection ended, by the broker with its reply code (320 forced, 530 not allowed, …) or, with code 0,
    /// because the socket did.
    case connectionClosed(code: Int, text: String)
    /// The broker refused the credentials, or access to the virtual host.
    case authenticationFailed(text: String)
    /// The peer sent what AMQP 0-9-1 does not allow here, or does not speak it.
    case protocolViolation(String)
    /// An answer did not come in time; whether the broker did what was asked is unknown.
    case timeout(String)
    /// The broker answers everything but this queue's consumer: the queue has no leader. RabbitMQ 3.10 leaves a quorum
    /// queue so, for ever, that was declared right before the broker was killed.
    case unanswered(queue: String)
    /// Confirms did not come in time, while the broker did not hold publishers back: a queue behind this exchange may have
    /// no leader.
    case unconfirmed(exchange: String)
    /// The AMQP URL cannot be used; the reason never repeats the password.
    case invalidURL(reason: String)
    /// The TLS settings cannot be used or the TLS handshake failed.
    case tls(String)
    /// The broker cannot be reached.
    case unreachable(String)
    /// A value does not fit its place in the protocol, such as a name of more than 255 bytes.
    case notEncodable(String)
}

extension AMQPError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notConnected: "There is no connection to the broker at the moment."
        case .channelClosed(let code, let text): "The broker closed the channel (\(code)): \(text)"
        case .connectionClosed(0, let text): "The connection to the broker ended: \(text)"
        case .connectionClosed(let code, let text): "The broker closed the connection (\(code)): \(text)"
        case .authenticationFailed(let text): "The broker refused the login: \(text)"
        case .protocolViolation(let text): "The broker and this client do not understand each other: \(text)"
        case .timeout(let what): "The broker did not answer in time: \(what)"
        case .unanswered(let queue): "The broker does not answer consumers of the queue \(queue): it has no leader."
        case .unconfirmed(let exchange): "The broker did not confirm in time what was published to \(exchange)."
        case .invalidURL(let reason): "The AMQP URL cannot be used: \(reason)"
        case .tls(let text): "The TLS connection to the broker failed: \(text)"
        case .unreachable(let text): "The broker cannot be reached: \(text)"
        case .notEncodable(let text): "The value does not fit into AMQP: \(text)"
        }
    }
}

extension AMQPError {
    /// What an operator can do about it, in a sentence for people.
    package var remediation: String {
        switch self {
        case .authenticationFailed:
            """
            Correct user, password and virtual host in the broker's URL, or at the broker (rabbitmqctl \
            change_password, set_permissions). The login is tried again every second.
            """
        case .channelClosed(403, _), .connectionClosed(403, _):
            "Give the user the permissions it lacks at the broker (rabbitmqctl set_permissions)."
        case .channelClosed(406, _):
            "Somebody has declared it with other settings: empty and delete it, then it is declared anew."
        case .connectionClosed(530, _):
            "Make the virtual host at the broker (rabbitmqctl add_vhost), or correct it in the broker's URL."
        case .connectionClosed, .channelClosed, .notConnected, .timeout:
            "See the broker's log if it lasts; the connection is made again by itself."
        case .protocolViolation: "See that the URL names RabbitMQ's AMQP port, and amqps:// the one with TLS."
        case .unanswered(let queue):
            "Start the broker's nodes that hold the queue \(queue)."
        case .unconfirmed(let exchange):
            "Where it lasts, look for a queue without a leader behind the exchange \(exchange) (rabbitmqctl list_queues)."
        case .invalidURL: "Correct the broker's URL."
        case .tls:
            """
            Check the broker's certificate and the name it bears, and the files of authority, certificate and key that \
            are configured.
            """
        case .unreachable: "Start the broker, or correct host and port in its URL. It is tried again every second."
        case .notEncodable: "Use shorter names."
        }
    }
}
