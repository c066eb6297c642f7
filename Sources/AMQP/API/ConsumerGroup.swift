/// Many consumers on one AMQP channel, restored by themselves after the loss of channel or connection.
///
/// A consumer that offends (a missing queue, say) closes the channel for all of them for a moment; spread many consumers
/// over several groups, and declare queues on a scratch channel before adding their consumers.
package final class ConsumerGroup: Sendable {
    /// For logs.
    package let name: String
    /// Messages in batches as they were read off the socket. For one reader. Not bounded by itself: what is not read
    /// yet is bounded by the sum of the prefetches, plus, after a reconnection, stale ones (`Delivery.isStale`). When the
    /// reader's task is cancelled, what comes after is given back to its queues and the consumers are cancelled.
    package let deliveries: AsyncStream<[Delivery]>
    /// What befell the group. For one reader.
    package let events: AsyncStream<ConsumerEvent>

    private let core: ConsumerGroupCore
    private let attachment: AttachmentToken

    init(
        _ core: ConsumerGroupCore, deliveries: AsyncStream<[Delivery]>, events: AsyncStream<ConsumerEvent>,
        attachment: AttachmentToken
    ) {
        self.core = core
        name = core.name
        self.deliveries = deliveries
        self.events = events
        self.attachment = attachment
    }

    /// Starts consuming, and remembers to do so again after every reopening of the channel.
    ///
    /// - Parameters:
    ///   - prefetch: how many deliveries of this consumer may be unsettled at a time; 0 means no limit.
    ///   - noAck: whether the broker forgets messages as it sends them, as RabbitMQ's direct reply-to
    ///     (`amq.rabbitmq.reply-to`) demands; settling them does nothing.
    ///   - isProven: whether the queue has just answered another consumer. The broker is given
    ///     `ConnectionConfiguration.consumeTimeoutSeconds` then, else `consumePatienceSeconds`.
    /// - Throws: `AMQPError.notConnected` at once while the connection is down; `channelClosed` with the broker's reason,
    ///   in which case the other consumers are restored on a new channel; `unanswered`, in which case the connection is
    ///   made anew at once, because the broker's channel is stuck, and everything else on it is restored. The consumer is
    ///   then not remembered.
    package func add(
        queue: String, consumerTag: String, prefetch: UInt16, exclusive: Bool = false, noAck: Bool = false,
        isProven: Bool = false
    ) async throws {
        let consumer = ConsumerSpecification(
            queue: queue, consumerTag: consumerTag, prefetch: prefetch, exclusive: exclusive, noAck: noAck,
            isProven: isProven)
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let isTaken = core.operations.post(.add(consumer) { continuation.resume(with: $0) })
            if !isTaken { continuation.resume(throwing: AMQPError.notConnected) }
        }
    }

    /// Stops consuming and forgets the consumer; what it delivered before stays settleable. Unknown tags are ignored.
    ///
    /// When it returns, the consumer's last delivery is in `deliveries`. While the connection is down the consumer is
    /// just forgotten.
    package func remove(consumerTag: String) async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let isTaken = core.operations.post(.remove(consumerTag: consumerTag) { continuation.resume(with: $0) })
            if !isTaken {
                core.forget(consumerTag)
                continuation.resume()
            }
        }
    }

    /// Publishes without confirm on the group's own channel, as a request with RabbitMQ's direct reply-to must be: the
    /// broker sends the answer to the channel that asked. For everything else there is `Publisher`.
    ///
    /// `mandatory` is disregarded. Returns when the message is on its way.
    ///
    /// - Throws: `AMQPError.notConnected` at once while the connection is down; `notEncodable`.
    package func send(_ message: OutgoingMessage) async throws {
        var message = message
        message.mandatory = false
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            let isTaken = core.operations.post(.send(message) { continuation.resume(with: $0) })
            if !isTaken { continuation.resume(throwing: AMQPError.notConnected) }
        }
    }

    /// Does not restore a consumer any more; it ends with the channel.
    package func forget(consumerTag: String) {
        core.forget(consumerTag)
    }

    /// Closes the group's channel and restores its consumers on another; the broker takes back what is unsettled.
    ///
    /// For consumers that the broker may have got wrong. Does nothing while the connection is down.
    package func renewChannel() {
        core.renewChannel()
    }

    /// Cancels all consumers and finishes `deliveries` and `events` after what they hold. What was delivered stays
    /// settleable while the connection lives.
    package func close() async {
        for consumer in core.remembered {
            // An error means that the channel is gone, and the consumer with it.
            do { try await remove(consumerTag: consumer.consumerTag) } catch { core.forget(consumer.consumerTag) }
        }
        core.deliveries.finish()
        core.events.finish()
    }
}
