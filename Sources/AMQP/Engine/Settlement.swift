/// What a consumer decided about a delivery.
enum Settlement: Sendable, Equatable {
    case ack
    case reject(requeue: Bool)
}

/// A decision and the delivery it is about.
struct TaggedSettlement: Sendable, Equatable {
    let tag: UInt64
    let settlement: Settlement
}
