/// The headers of the contract, sections 2.1 to 2.3.
enum HeaderName {
    static let jobID = "x-job-id"
    static let planID = "x-plan-id"
    static let targetID = "x-target-id"
    static let domainID = "x-domain-id"
    static let channel = "x-channel"
    static let epoch = "x-epoch"
    static let attempt = "x-attempt"
    static let traceparent = "traceparent"
    static let tracestate = "tracestate"
    static let errorCode = "x-error-code"
    static let error = "x-error"
    static let attempts = "x-attempts"
    static let statusCode = "x-status-code"
    static let firstAttemptAt = "x-first-attempt-at"
    static let deadAt = "x-dead-at"
    static let userID = "x-user-id"
    /// Where a refused plan's own routing key is not one of plans.
    static let routingKey = "x-routing-key"
}
