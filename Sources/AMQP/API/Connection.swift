package import Logging
package import NIOCore
internal import Synchronization

/// A connection to RabbitMQ that is kept open for as long as `run()` runs.
///
/// Publishers and consumer groups made from it survive its interruptions.
package final class Connection: Sendable {
    /// - Parameter onConnect: called after each successful handshake, before publishers and consumers are restored and
    ///   before the state becomes `connected`; the place for declaring what everything else needs. If it throws, the
    ///   attempt counts as failed.
    package init(
        configuration: ConnectionConfiguration, eventLoopGroup: any EventLoopGroup, logger: Logger,
        onConnect: (@Sendable (Channel) async throws -> Void)? = nil
    ) {}

    /// Keeps the connection until the task is cancelled, then closes it gracefully.
    ///
    /// Reconnection never gives up: the pause grows from 100 ms to 10 s, with jitter. Before it returns, all streams
    /// of states, deliveries and events have been finished. Call it once.
    package func run() async {}

    package var state: ConnectionState { .connecting(attempt: 1, lastError: nil) }

    /// Every change of state, beginning with the current one; each call subscribes anew. The stream ends after `closed`.
    package func states() -> AsyncStream<ConnectionState> { AsyncStream { $0.finish() } }

    /// Opens a channel, lends it to the body and closes it.
    ///
    /// - Throws: `AMQPError.notConnected` at once while the connection is down, else what the body throws. A channel that
    ///   the broker closes throws `channelClosed` to the call it answered; nothing else is affected.
    package func withChannel<R: Sendable>(_ body: @Sendable (Channel) async throws -> R) async throws -> R {
        throw AMQPError.notConnected
    }

    /// Makes a publisher with a channel of its own in confirm mode; the channel closes when the publisher goes away.
    package func makePublisher() -> Publisher { Publisher() }

    /// Makes a consumer group with a channel of its own.
    package func makeConsumerGroup(name: String) -> ConsumerGroup { ConsumerGroup(name: name) }
}
