/// What could be read of a plan message that was refused, to name it in the rejection.
package struct PlanIdentity: Sendable, Hashable {
    /// 0 where the message did not tell.
    package let domainID: DomainID
    package let requestID: String?
    package let idempotencyKey: String?

    package init(domainID: DomainID, requestID: String?, idempotencyKey: String?) {
        self.domainID = domainID
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
    }
}
