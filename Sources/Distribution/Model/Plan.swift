/// One request to distribute one version of one content item to targets, as the ledger holds it.
package struct Plan: Sendable, Hashable {
    package let id: PlanID
    package let domainID: DomainID
    package let idempotencyKey: String
    package let requestID: String?
    package let contentItemID: Int64
    package let contentVersion: Int64
    package let scheduledAt: Timestamp?
    package var status: PlanStatus
    package var counts: JobCounts
    /// WordClaw's `createdBy` object, as it came.
    package let createdBy: JSON
    package let trace: TraceContext?
    package let createdAt: Timestamp
    package var completedAt: Timestamp?

    package init(
        id: PlanID, domainID: DomainID, idempotencyKey: String, requestID: String?, contentItemID: Int64,
        contentVersion: Int64, scheduledAt: Timestamp?, status: PlanStatus, counts: JobCounts, createdBy: JSON,
        trace: TraceContext?, createdAt: Timestamp, completedAt: Timestamp?
    ) {
        self.id = id
        self.domainID = domainID
        self.idempotencyKey = idempotencyKey
        self.requestID = requestID
        self.contentItemID = contentItemID
        self.contentVersion = contentVersion
        self.scheduledAt = scheduledAt
        self.status = status
        self.counts = counts
        self.createdBy = createdBy
        self.trace = trace
        self.createdAt = createdAt
        self.completedAt = completedAt
    }
}
