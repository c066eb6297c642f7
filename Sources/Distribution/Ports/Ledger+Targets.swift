/// A target to be created, checked by its adapter.
package struct NewTarget: Sendable, Hashable {
    package let domainID: DomainID
    package let channelType: ChannelType
    package let name: String
    package let configuration: JSONObject
    package let credentials: [String: Secret]
    package let delivery: DeliverySettings
    package let queueType: QueueType
    package let createdAt: Timestamp

    package init(
        domainID: DomainID, channelType: ChannelType, name: String, configuration: JSONObject,
        credentials: [String: Secret], delivery: DeliverySettings, queueType: QueueType, createdAt: Timestamp
    ) {
        self.domainID = domainID
        self.channelType = channelType
        self.name = name
        self.configuration = configuration
        self.credentials = credentials
        self.delivery = delivery
        self.queueType = queueType
        self.createdAt = createdAt
    }
}

/// What changes of a target; nil keeps what is there.
package struct TargetChange: Sendable, Hashable {
    package enum Availability: Sendable, Hashable {
        case enabled
        case disabled(reason: String)
    }

    package enum Rest: Sendable, Hashable {
        /// Replaces a pause that is on.
        case paused(TargetPause)
        /// Ends the pause, where one is on.
        case resumed
    }

    package var name: String?
    package var configuration: JSONObject?
    package var credentials: [String: Secret]?
    package var delivery: DeliverySettings?
    package var availability: Availability?
    package var rest: Rest?
    package let changedAt: Timestamp

    package init(
        name: String? = nil, configuration: JSONObject? = nil, credentials: [String: Secret]? = nil,
        delivery: DeliverySettings? = nil, availability: Availability? = nil, rest: Rest? = nil, changedAt: Timestamp
    ) {
        self.name = name
        self.configuration = configuration
        self.credentials = credentials
        self.delivery = delivery
        self.availability = availability
        self.rest = rest
        self.changedAt = changedAt
    }
}

/// A key that may call the API; its text is shown once and never stored.
package struct APIKey: Sendable, Hashable {
    package enum Scope: String, Sendable, Hashable, CaseIterable {
        case contentRead = "content:read"
        case contentWrite = "content:write"
        case admin
        case publisher
    }

    package let id: Identifier<APIKey>
    package let name: String
    /// nil only for the bootstrap key, which names a domain with each request.
    package let domainID: DomainID?
    package let scopes: Set<Scope>
    package let createdAt: Timestamp
    package let revokedAt: Timestamp?

    package init(
        id: Identifier<APIKey>, name: String, domainID: DomainID?, scopes: Set<Scope>, createdAt: Timestamp,
        revokedAt: Timestamp?
    ) {
        self.id = id
        self.name = name
        self.domainID = domainID
        self.scopes = scopes
        self.createdAt = createdAt
        self.revokedAt = revokedAt
    }
}

package struct NewAPIKey: Sendable, Hashable {
    package let name: String
    package let digest: Digest256
    package let domainID: DomainID?
    package let scopes: Set<APIKey.Scope>
    package let createdAt: Timestamp

    package init(
        name: String, digest: Digest256, domainID: DomainID?, scopes: Set<APIKey.Scope>, createdAt: Timestamp
    ) {
        self.name = name
        self.digest = digest
        self.domainID = domainID
        self.scopes = scopes
        self.createdAt = createdAt
    }
}
