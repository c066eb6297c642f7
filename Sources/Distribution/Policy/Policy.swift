/// Under which right a plan distributes its content.
package struct Policy: Sendable, Hashable {
    package enum Basis: String, Sendable, Hashable {
        /// A licence that somebody bought: every condition must be met.
        case entitlement
        /// The publisher's own content: only what is stated restricts.
        case owner
    }

    package struct Entitlement: Sendable, Hashable {
        package let id: Int64
        package let status: String
        package let remainingReads: Int64?
        package let expiresAt: Timestamp?

        package init(id: Int64, status: String, remainingReads: Int64?, expiresAt: Timestamp?) {
            self.id = id
            self.status = status
            self.remainingReads = remainingReads
            self.expiresAt = expiresAt
        }
    }

    package let basis: Basis
    /// nil where the sender stated none; empty allows no channel.
    package let allowedChannels: [ChannelType]?
    package let allowRedistribution: Bool
    package let excerptOnly: Bool
    package let expiresAt: Timestamp?
    package let entitlement: Entitlement?

    package init(
        basis: Basis, allowedChannels: [ChannelType]?, allowRedistribution: Bool, excerptOnly: Bool,
        expiresAt: Timestamp?, entitlement: Entitlement?
    ) {
        self.basis = basis
        self.allowedChannels = allowedChannels
        self.allowRedistribution = allowRedistribution
        self.excerptOnly = excerptOnly
        self.expiresAt = expiresAt
        self.entitlement = entitlement
    }

    /// The earlier of the policy's and its entitlement's end; nil where neither ends.
    package var effectiveExpiry: Timestamp? {
        [expiresAt, entitlement?.expiresAt].compactMap(\.self).min()
    }
}
