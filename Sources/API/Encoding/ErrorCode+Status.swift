import Distribution
import HTTPTypes

extension ErrorCode {
    /// The HTTP status of a refusal with this code, wherever it comes from.
    var status: HTTPResponse.Status {
        switch self {
        case .authMissingAPIKey, .authInvalidAPIKey: .unauthorized
        case .authInsufficientScope: .forbidden
        case .invalidDomainContext, .validationError, .invalidID, .notSupported, .unknownMessageType,
            .targetsRequired, .noTargets:
            .badRequest
        case .payloadTooLarge: .contentTooLarge
        case .targetNotFound, .planNotFound, .jobNotFound, .runNotFound: .notFound
        case .idempotencyKeyReused, .planCancelForbidden, .jobCancelForbidden, .jobRetryForbidden,
            .runCancelForbidden:
            .conflict
        case .deadLetterExpired: .gone
        case .ledgerUnavailable, .brokerUnavailable: .serviceUnavailable
        case .internalError: .internalServerError
        case .policyNotPublished, .policyEntitlementInactive, .policyExpired, .policyRedistributionDenied,
            .policyChannelDenied:
            .forbidden
        case .egressRefused: .badRequest
        case .credentialsUnavailable, .targetDisabled, .targetGone, .jobMismatch: .conflict
        case .dnsFailed, .connectFailed, .tlsFailed, .timeout, .connectionReset, .httpStatus, .rateLimited:
            .badGateway
        }
    }
}
