/// All that is needed to start a consumer, and to start it again.
struct ConsumerSpecification: Sendable, Equatable {
    let queue: String
    let consumerTag: String
    let prefetch: UInt16
    let exclusive: Bool
    let noAck: Bool
    /// Whether the queue has just answered another consumer, so that the broker is given all the time it needs. Of no
    /// account when it is restored.
    var isProven = false
}
