/// What the broker says about a declared queue.
package struct QueueInfo: Sendable, Hashable {
    /// The queue's name, chosen by the broker where the declaration left it empty.
    package let name: String
    /// Messages ready for delivery; those delivered and not yet acked do not count.
    package let messageCount: Int
    package let consumerCount: Int
}
