/// A plan as it was asked for: decoded and checked for form, not yet resolved against targets or policy.
package struct PlanRequest: Sendable, Hashable {
    package struct TargetReference: Sendable, Hashable {
        package let id: TargetID
        /// nil where the target takes the plan's transform.
        package let transform: Transform?

        package init(id: TargetID, transform: Transform?) {
            self.id = id
            self.transform = transform
        }
    }

    /// Which targets were asked for.
    package enum Selection: Sendable, Hashable {
        case targets([TargetReference])
        case channels([ChannelType])
        case all
    }

    /// 1 to 255 characters, unique in its domain.
    package let idempotencyKey: String
    package let domainID: DomainID
    package let requestID: String?
    package let contentItemID: Int64
    package let contentVersion: Int64
    package let scheduledAt: Timestamp?
    package let selection: Selection
    package let transform: Transform
    package let content: Content
    package let policy: Policy
    /// WordClaw's `createdBy` object, as it came; `null` where there was none.
    package let createdBy: JSON
    package let trace: TraceContext?
    /// The canonical bytes of everything that makes this plan what it is: equal for equal requests whatever the order
    /// of members, without the idempotency key, request id, trace and `createdBy`. Their digest tells a repetition from
    /// a reused key.
    package let canonicalBytes: [UInt8]

    package init(
        idempotencyKey: String, domainID: DomainID, requestID: String?, contentItemID: Int64, contentVersion: Int64,
        scheduledAt: Timestamp?, selection: Selection, transform: Transform, content: Content, policy: Policy,
        createdBy: JSON, trace: TraceContext?, canonicalBytes: [UInt8]
    ) {
        self.idempotencyKey = idempotencyKey
        self.domainID = domainID
        self.requestID = requestID
        self.contentItemID = contentItemID
        self.contentVersion = contentVersion
        self.scheduledAt = scheduledAt
        self.selection = selection
        self.transform = transform
        self.content = content
        self.policy = policy
        self.createdBy = createdBy
        self.trace = trace
        self.canonicalBytes = canonicalBytes
    }
}
