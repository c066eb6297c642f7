/// A message the broker handed us, to be settled exactly once.
///
/// Settling is synchronous and may happen on any thread and in any order; acks that reach the connection together
/// travel together. A second settlement of the same delivery is ignored, and so is one that comes after the channel
/// closed: the broker has put those messages back into their queues and delivers them again.
package struct Delivery: Sendable {
    /// Empty for a message fetched with `Channel.get`.
    package let consumerTag: String
    /// The queue it was consumed from.
    package let queue: String
    package let exchange: String
    package let routingKey: String
    /// Whether it was delivered before, here or elsewhere, and came back unacked.
    package let redelivered: Bool
    package let properties: MessageProperties
    package let body: [UInt8]
    let tag: UInt64
    /// Belongs to one opening of the channel and is shut with it: a tag means something only there.
    let settlements: Mailbox<TaggedSettlement>

    /// Whether its channel has closed since: settling it does nothing any more, and it will be delivered again.
    package var isStale: Bool { !settlements.isOpen }

    /// Tells the broker that it may forget the message.
    package func ack() {
        settlements.post(TaggedSettlement(tag: tag, settlement: .ack))
    }

    /// Gives the message back to its queue, or has the queue drop or dead-letter it (`basic.nack`).
    package func reject(requeue: Bool) {
        settlements.post(TaggedSettlement(tag: tag, settlement: .reject(requeue: requeue)))
    }
}
