/// Every code that leaves Clawcast, in an error object, an event, a dead letter or a refusal (contract, section 7).
package enum ErrorCode: String, Sendable, Hashable, CaseIterable {
    // Authentication, as WordClaw's.
    case authMissingAPIKey = "AUTH_MISSING_API_KEY"
    case authInvalidAPIKey = "AUTH_INVALID_API_KEY"
    case authInsufficientScope = "AUTH_INSUFFICIENT_SCOPE"
    case invalidDomainContext = "INVALID_DOMAIN_CONTEXT"

    // Requests.
    case validationError = "VALIDATION_ERROR"
    case invalidID = "INVALID_ID"
    case notSupported = "NOT_SUPPORTED"
    case payloadTooLarge = "PAYLOAD_TOO_LARGE"
    case unknownMessageType = "UNKNOWN_MESSAGE_TYPE"
    case targetsRequired = "TARGETS_REQUIRED"
    case noTargets = "NO_TARGETS"
    case targetNotFound = "TARGET_NOT_FOUND"
    case planNotFound = "PLAN_NOT_FOUND"
    case jobNotFound = "JOB_NOT_FOUND"
    case idempotencyKeyReused = "IDEMPOTENCY_KEY_REUSED"
    case planCancelForbidden = "PLAN_CANCEL_FORBIDDEN"
    /// The contract names no code for a job that cannot be called off any more.
    case jobCancelForbidden = "JOB_CANCEL_FORBIDDEN"
    case jobRetryForbidden = "JOB_RETRY_FORBIDDEN"
    case deadLetterExpired = "DEAD_LETTER_EXPIRED"
    /// The contract names no codes for runs over dead letters.
    case runNotFound = "RUN_NOT_FOUND"
    case runCancelForbidden = "RUN_CANCEL_FORBIDDEN"
    case ledgerUnavailable = "LEDGER_UNAVAILABLE"
    case brokerUnavailable = "BROKER_UNAVAILABLE"
    /// The contract names no code for an unforeseen fault inside Clawcast.
    case internalError = "INTERNAL_ERROR"

    // Policy.
    case policyNotPublished = "POLICY_NOT_PUBLISHED"
    case policyEntitlementInactive = "POLICY_ENTITLEMENT_INACTIVE"
    case policyExpired = "POLICY_EXPIRED"
    case policyRedistributionDenied = "POLICY_REDISTRIBUTION_DENIED"
    case policyChannelDenied = "POLICY_CHANNEL_DENIED"

    // Delivery.
    case egressRefused = "EGRESS_REFUSED"
    case dnsFailed = "DNS_FAILED"
    case connectFailed = "CONNECT_FAILED"
    case tlsFailed = "TLS_FAILED"
    case timeout = "TIMEOUT"
    case connectionReset = "CONNECTION_RESET"
    case httpStatus = "HTTP_STATUS"
    case rateLimited = "RATE_LIMITED"
    case targetGone = "TARGET_GONE"
    case targetDisabled = "TARGET_DISABLED"
    case credentialsUnavailable = "CREDENTIALS_UNAVAILABLE"
    case jobMismatch = "JOB_MISMATCH"
}
