/// What events tell of a plan and what does not change in its life.
package struct PlanFacts: Sendable, Hashable {
    package let id: PlanID
    package let domainID: DomainID
    package let idempotencyKey: String
    package let requestID: String?
    package let contentItemID: Int64
    package let contentVersion: Int64
    package let trace: TraceContext?

    package init(
        id: PlanID, domainID: DomainID, idempotencyKey: String, requestID: String?, contentItemID: Int64,
        contentVersion: Int64, trace: TraceContext?
    ) {
        self.id = id
        self.domainID = domainID
        self.idempotencyKey = idempotencyKey
        self.requestID = requestID
        self.contentItemID = contentItemID
        self.contentVersion = contentVersion
        self.trace = trace
    }
}
