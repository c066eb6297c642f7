/// What becomes of a job after an attempt; pure but for the chance it is given.
///
/// | the attempt ended with | certainty | resolution |
/// |---|---|---|
/// | 2xx | accepted | succeeded |
/// | 410 | rejected | target gone: disabled, the job waits |
/// | a status listed in `permanentStatusCodes` | rejected | failed |
/// | 429, or 503 with `Retry-After` | rejected | tried again after the target's pause, not counted |
/// | any other status | rejected | retry by the schedule |
/// | a refused address, an impossible request | as told | failed |
/// | anything else without an answer | as told | retry by the schedule |
///
/// Whatever would be retried has failed once the schedule is used up. A job that its target has put off for seven days
/// is counted on like any other from then on.
package enum AttemptVerdict {
    /// - Parameters:
    ///   - finishedAt: When the answer came; delays count from it.
    ///   - pausedUntil: The end of the pause that the target asked for with this answer, or before; nil for none.
    package static func judge(
        result: DeliveryResult, grant: AttemptGrant, settings: DeliverySettings, finishedAt: Timestamp,
        pausedUntil: Timestamp?, randomness: any Randomness
    ) -> (certainty: Certainty, resolution: AttemptReport.Resolution) {
        switch result.outcome {
        case .accepted(let id, let url):
            return (.accepted, .succeeded(externalID: id, externalURL: url))
        case .rejected(let statusCode, _):
            let error = rejection(statusCode)
            if statusCode == 410 { return (.rejected, .targetGone(reason: "The target answered 410 Gone.", error)) }
            if settings.permanentStatusCodes.contains(statusCode) { return (.rejected, .failed(error)) }
            if let pausedUntil, finishedAt < grant.firstAttemptAt.adding(milliseconds: longestThrottling) {
                return (.rejected, .throttled(until: pausedUntil, error))
            }
            guard let delay = scheduledDelay(grant, settings, randomness) else { return (.rejected, .failed(error)) }
            let due = finishedAt.adding(milliseconds: delay)
            return (.rejected, .retry(at: pausedUntil.map { max($0, due) } ?? due, error))
        case .failed(let code, let message, let certainty):
            let error = DeliveryError(
                code: code, message: Sanitizer.message(message), statusCode: result.statusCode, certainty: certainty)
            guard !permanentCodes.contains(code), let delay = scheduledDelay(grant, settings, randomness) else {
                return (certainty, .failed(error))
            }
            return (certainty, .retry(at: finishedAt.adding(milliseconds: delay), error))
        }
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

    private static func scheduledDelay(
        _ grant: AttemptGrant, _ settings: DeliverySettings, _ randomness: any Randomness
    ) -> Int64? {
        settings.retry.delayMilliseconds(afterAttempt: grant.scheduleStep, unit: randomness.unitInterval())
    }
}
