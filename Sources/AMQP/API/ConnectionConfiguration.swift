/// Where the broker is, who we are to it, and the limits of the connection.
package struct ConnectionConfiguration: Sendable {
    package var host: String
    package var port: Int
    package var virtualHost: String
    package var username: String
    package var password: String
    /// Nil speaks plain TCP.
    package var tls: TLSOptions?
    /// Shown in the broker's list of connections and in its log.
    package var connectionName: String
    /// Our wish; the smaller of ours and the broker's is used. 0 turns heartbeats off unless the broker insists.
    package var heartbeatSeconds: Int
    /// Time for resolving, connecting, TLS and the AMQP handshake together.
    package var connectTimeoutSeconds: Int
    /// Time for the broker's answer to a declaration and the like. RabbitMQ itself takes five seconds for deleting a
    /// quorum queue without a leader.
    package var callTimeoutSeconds: Int
    /// Time for stopping a consumer, or starting one whose queue is known to answer. After it, while the broker answers
    /// otherwise, it is `unanswered`.
    package var consumeTimeoutSeconds: Int
    /// Time for starting any other consumer, as everything else on its channel waits behind it. It doubles, up to
    /// `consumeTimeoutSeconds`, with each connection that is lost that way, until a connection has restored everything.
    package var consumePatienceSeconds: Int
    /// Largest frame in bytes, 4,096 … 131,072; the smaller of ours and the broker's is used.
    package var frameMax: Int
    /// How many messages a publisher may have waiting for their confirms; further ones wait in `publish`.
    package var publishWindow: Int
    /// After a message has waited this long for its confirm, the connection is made anew and all that is unconfirmed on
    /// it counts as lost; time spent blocked by the broker does not count.
    package var confirmTimeoutSeconds: Int

    package init(
        host: String = "127.0.0.1", port: Int = 5672, virtualHost: String = "/", username: String = "guest",
        password: String = "guest", tls: TLSOptions? = nil, connectionName: String = "clawcast",
        heartbeatSeconds: Int = 20, connectTimeoutSeconds: Int = 10, callTimeoutSeconds: Int = 30,
        consumeTimeoutSeconds: Int = 10, consumePatienceSeconds: Int = 1, frameMax: Int = 131_072,
        publishWindow: Int = 2048, confirmTimeoutSeconds: Int = 60
    ) {
        self.host = host
        self.port = port
        self.virtualHost = virtualHost
        self.username = username
        self.password = password
        self.tls = tls
        self.connectionName = connectionName
        self.heartbeatSeconds = heartbeatSeconds
        self.connectTimeoutSeconds = connectTimeoutSeconds
        self.callTimeoutSeconds = callTimeoutSeconds
        self.consumeTimeoutSeconds = consumeTimeoutSeconds
        self.consumePatienceSeconds = consumePatienceSeconds
        self.frameMax = frameMax
        self.publishWindow = publishWindow
        self.confirmTimeoutSeconds = confirmTimeoutSeconds
    }
}

extension ConnectionConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The URL without password.
    package var description: String {
        "\(tls == nil ? "amqp" : "amqps")://\(username):‹redacted›@\(host):\(port)/\(virtualHost)"
    }

    package var debugDescription: String { description }

    /// `dump` and string interpolation of enclosing types see no more than `description`.
    package var customMirror: Mirror { Mirror(self, children: ["url": description]) }
}
