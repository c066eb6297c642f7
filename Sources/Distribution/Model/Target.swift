/// One configured destination of one channel, owned by one domain.
package struct Target: Sendable, Hashable {
    package let id: TargetID
    package let domainID: DomainID
    package let channelType: ChannelType
    package var name: String
    /// What the adapter of the channel reads; checked by it on every write.
    package var configuration: JSONObject
    package var credentials: TargetCredentials
    package var delivery: DeliverySettings
    /// A disabled target takes no attempts; its jobs wait until it is enabled or deleted.
    package var isActive: Bool
    package var disabledReason: String?
    /// The last pause; whether it still holds, ``TargetPause/holds(at:)`` tells.
    package var pause: TargetPause?
    /// The first failure since the last success, once that has lasted for a while.
    package var failingSince: Timestamp?
    /// The open circuit that the ledger knew of when the target was read; how it stands now, its governor knows.
    package var circuit: CircuitRecord?
    package var queueType: QueueType
    package let createdAt: Timestamp
    package var updatedAt: Timestamp
    /// Grows with every change; what was prepared from an older revision is prepared anew.
    package var revision: Int64

    package init(
        id: TargetID, domainID: DomainID, channelType: ChannelType, name: String, configuration: JSONObject,
        credentials: TargetCredentials, delivery: DeliverySettings = DeliverySettings(), isActive: Bool = true,
        disabledReason: String? = nil, pause: TargetPause? = nil, failingSince: Timestamp? = nil,
        circuit: CircuitRecord? = nil, queueType: QueueType = .quorum, createdAt: Timestamp, updatedAt: Timestamp,
        revision: Int64 = 1
    ) {
        self.id = id
        self.domainID = domainID
        self.channelType = channelType
        self.name = name
        self.configuration = configuration
        self.credentials = credentials
        self.delivery = delivery
        self.isActive = isActive
        self.disabledReason = disabledReason
        self.pause = pause
        self.failingSince = failingSince
        self.circuit = circuit
        self.queueType = queueType
        self.createdAt = createdAt
        self.updatedAt = updatedAt
        self.revision = revision
    }
}

/// How RabbitMQ keeps the queue of a target; fixed when the target is created.
package enum QueueType: String, Sendable, Hashable {
    /// Replicated and safe for everything; the default.
    case quorum
    /// Cheaper by the thousand, safe as a destination only.
    case classic
}
