package import Logging
package import NIOCore

/// A connection to RabbitMQ that is kept open for as long as `run()` runs.
///
/// Publishers and consumer groups made from it survive its interruptions.
package final class Connection: Sendable {
    package let configuration: ConnectionConfiguration
    let eventLoopGroup: any EventLoopGroup
    let logger: Logger
    let onConnect: (@Sendable (Channel) async throws -> Void)?
    let registry = ConnectionRegistry()

    /// - Parameter onConnect: called after each successful handshake, before publishers and consumers are restored and
    ///   before the state becomes `connected`; the place for declaring what everything else needs. If it throws, the
    ///   attempt counts as failed.
    package init(
        configuration: ConnectionConfiguration, eventLoopGroup: any EventLoopGroup, logger: Logger,
        onConnect: (@Sendable (Channel) async throws -> Void)? = nil
    ) {
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        self.logger = logger
        self.onConnect = onConnect
    }

    package var state: ConnectionState { registry.current }

    /// Every change of state, beginning with the current one; each call subscribes anew. The stream ends after `closed`.
    package func states() -> AsyncStream<ConnectionState> { registry.watch() }

    /// Returns the generation once the connection is usable, at once if it is; nil if it closes for good before, or the
    /// task is cancelled.
    package func waitUntilConnected() async -> Int? {
        for await state in states() {
            if case .connected(let generation) = state { return generation }
        }
        return nil
    }

    /// Opens a channel, lends it to the body and closes it.
    ///
    /// - Throws: `AMQPError.notConnected` at once while the connection is down, else what the body throws. A channel that
    ///   the broker closes throws `channelClosed` to the call it answered; nothing else is affected.
    package func withChannel<R: Sendable>(_ body: @Sendable (Channel) async throws -> R) async throws -> R {
        guard let session = registry.session else { throw AMQPError.notConnected }
        return try await Self.withChannel(of: session, body)
    }

    static func withChannel<R: Sendable>(
        of session: Session, _ body: @Sendable (Channel) async throws -> R
    ) async throws -> R {
        let channel = try await session.openChannel()
        do {
            let result = try await body(channel)
            await channel.close()
            return result
        } catch {
            await channel.close()
            throw error
        }
    }

    /// Makes a publisher with a channel of its own in confirm mode; the channel closes when the publisher goes away.
    package func makePublisher() -> Publisher {
        let core = PublisherCore()
        return Publisher(core, attachment: attach(core))
    }

    /// Makes a consumer group with a channel of its own; the channel closes when the group goes away.
    ///
    /// - Parameter ackDelay: How long an ack may wait for others to join it. RabbitMQ writes every ack that comes alone to
    ///   the disk of a quorum queue, where it is in the way of what somebody waits for. None waits once a quarter of the
    ///   smallest prefetch of the group does, nor behind a rejection.
    /// - Parameter isRestored: Asked of each queue, on the event loop, when the connection has ended: whether its consumer
    ///   is started by itself on the next one. Where not, it is `failed` with `notConnected`, and its owner brings it
    ///   back: for queues that the others had better not wait for.
    package func makeConsumerGroup(
        name: String, ackDelay: Duration = .zero,
        isRestored: @escaping @Sendable (_ queue: String) -> Bool = { _ in true }
    ) -> ConsumerGroup {
        let (deliveries, deliveriesContinuation) = AsyncStream<[Delivery]>.makeStream()
        let (events, eventsContinuation) = AsyncStream<ConsumerEvent>.makeStream()
        let core = ConsumerGroupCore(
            name: name, ackDelay: TimeAmount(ackDelay), deliveries: deliveriesContinuation, events: eventsContinuation,
            isRestored: isRestored)
        return ConsumerGroup(core, deliveries: deliveries, events: events, attachment: attach(core))
    }

    private func attach(_ core: some Attachment) -> AttachmentToken {
        let (id, session) = registry.add(core)
        if let session {
            core.expectAttaching()
            session.perform { core.attach(to: $0) {} }
        }
        return AttachmentToken(id: id, registry: registry)
    }
}
