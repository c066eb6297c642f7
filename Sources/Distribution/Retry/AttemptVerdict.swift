/// What becomes of a job after an attempt; pure but for the chance it is given.
///
/// | the attempt ended with | certainty | resolution |
/// |---|---|---|
/// | 2xx | accepted | succeeded |
/// | 410 | rejected | target gone: disabled, the job waits |
/// | a status listed in `permanentStatusCodes` | rejected | failed |
/// | 429 or 503 with `Retry-After` | rejected | retry no earlier than that, at most 7 days |
/// | 429 without | rejected | retry after 30 s |
/// | any other status | rejected | retry by the schedule |
/// | a refused address, an impossible request | as told | failed |
/// | anything else without an answer | as told | retry by the schedule |
///
/// Whatever would be retried has failed once the schedule is used up. `Retry-After: 0` asks for nothing and counts as
/// absent.
package enum AttemptVerdict {
    /// - Parameters:
    ///   - finishedAt: When the answer came; delays count from it.
    ///   - firstAttemptAt: Where given, a target that throttles (``isThrottled(_:)``) does not end the job within seven
    ///     days of it, even where the schedule is used up.
    package static func judge(
        result: DeliveryResult, grant: AttemptGrant, settings: DeliverySettings, finishedAt: Timestamp,
        randomness: any Randomness, firstAttemptAt: Timestamp? = nil
    ) -> (certainty: Certainty, resolution: AttemptReport.Resolution) {
        switch result.outcome {
        case .accepted(let id, let url):
            return (.accepted, .succeeded(externalID: id, externalURL: url))
        case .rejected(let statusCode, let retryAfter):
            let error = rejection(statusCode)
            if statusCode == 410 { return (.rejected, .targetGone(reason: "The target answered 410 Gone.", error)) }
            if settings.permanentStatusCodes.contains(statusCode) { return (.rejected, .failed(error)) }
            let scheduled = scheduledDelay(grant, settings, randomness)
            let pause = requestedPause(statusCode, retryAfter)
            let isPatient = firstAttemptAt.map { finishedAt < $0.adding(milliseconds: longestThrottling) } ?? false
            guard let delay = scheduled.map({ pause ?? $0 }) ?? (isPatient ? pause : nil) else {
                return (.rejected, .failed(error))
            }
            return (.rejected, .retry(at: finishedAt.adding(milliseconds: delay), error))
        case .failed(let code, let message, let certainty):
            let error = DeliveryError(
                code: code, message: Sanitizer.message(message), statusCode: result.statusCode, certainty: certainty)
            guard !permanentCodes.contains(code), let delay = scheduledDelay(grant, settings, randomness) else {
                return (certainty, .failed(error))
            }
            return (certainty, .retry(at: finishedAt.adding(milliseconds: delay), error))
        }
    }

    /// Whether the target asked to be left alone: 429, or 503 with `Retry-After`. It is paused, and the attempt need not
    /// count against the job's schedule (contract, section 3).
    package static func isThrottled(_ result: DeliveryResult) -> Bool {
        guard case .rejected(let statusCode, let retryAfter) = result.outcome else { return false }
        return requestedPause(statusCode, retryAfter) != nil
    }

    /// Seven days, in milliseconds.
    private static let longestThrottling: Int64 = 604_800_000

    /// Failures that the same request would meet again.
    private static let permanentCodes: Set<ErrorCode> = [
        .egressRefused, .validationError, .notSupported, .payloadTooLarge, .jobMismatch,
    ]

    private static func rejection(_ statusCode: Int) -> DeliveryError {
        let code: ErrorCode =
            switch statusCode {
            case 410: .targetGone
            case 429: .rateLimited
            default: .httpStatus
            }
        return DeliveryError(code: code, message: "HTTP \(statusCode)", statusCode: statusCode, certainty: .rejected)
    }

    /// How long the target wants to be left alone, in milliseconds; nil where it does not say.
    private static func requestedPause(_ statusCode: Int, _ retryAfter: RetryAfter?) -> Int64? {
        let requested = retryAfter.map { RetryPolicy.roundedUp($0.milliseconds) } ?? 0
        return switch statusCode {
        case 429: requested > 0 ? requested : 30_000
        case 503: requested > 0 ? requested : nil
        default: nil
        }
    }

    private static func scheduledDelay(
        _ grant: AttemptGrant, _ settings: DeliverySettings, _ randomness: any Randomness
    ) -> Int64? {
        settings.retry.delayMilliseconds(afterAttempt: grant.scheduleStep, unit: randomness.unitInterval())
    }
}
