/// Where a connection stands. A state follows any other except `closed`, which is the last.
package enum ConnectionState: Sendable, Equatable {
    /// Not usable yet: the given attempt (from 1, counted since the connection was last up) is under way or waits for
    /// its turn; `lastError` says why the one before it failed.
    case connecting(attempt: Int, lastError: AMQPError?)
    /// Open. The generation grows by one with every successful handshake, from 1.
    case connected(generation: Int)
    /// Open, but the broker takes no publishes until it lifts its alarm; acks and deliveries go on.
    case blocked(reason: String)
    /// Shut down by cancellation of `run()`; nothing follows.
    case closed
}
