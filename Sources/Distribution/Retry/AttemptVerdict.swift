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
/// Whatever would be retried has failed once the schedule is used up.
package enum AttemptVerdict {
    /// - Parameter finishedAt: When the answer came; delays count from it.
    package static func judge(
        result: DeliveryResult, grant: AttemptGrant, settings: DeliverySettings, finishedAt: Timestamp,
        randomness: any Randomness
    ) -> (certainty: Certainty, resolution: AttemptReport.Resolution) {
        switch result.outcome {
        case .accepted(let id, let url):
            return (.accepted, .succeeded(externalID: id, externalURL: url))
        case .rejected(let statusCode, let retryAfter):
            let error = rejection(statusCode)
            if statusCode == 410 { return (.rejected, .targetGone(reason: "The target answered 410 Gone.", error)) }
            if settings.permanentStatusCodes.contains(statusCode) { return (.rejected, .failed(error)) }
            let pause = requestedPause(statusCode, retryAfter)
            return (.rejected, again(error, after: pause, grant, settings, finishedAt, randomness))
        case .failed(let code, let message, let certainty):
            let error = DeliveryError(
                code: code, message: Sanitizer.message(message), statusCode: result.statusCode, certainty: certainty)
            if permanentCodes.contains(code) { return (certainty, .failed(error)) }
            return (certainty, again(error, after: nil, grant, settings, finishedAt, randomness))
        }
    }

    /// Without an answer that could change: the same request would fail the same way.
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
        switch (statusCode, retryAfter) {
        case (429, nil): 30_000
        case (429, let retryAfter?), (503, let retryAfter?): RetryPolicy.roundedUp(retryAfter.milliseconds)
        default: nil
        }
    }

    private static func again(
        _ error: DeliveryError, after pause: Int64?, _ grant: AttemptGrant, _ settings: DeliverySettings,
        _ finishedAt: Timestamp, _ randomness: any Randomness
    ) -> AttemptReport.Resolution {
        let scheduled = settings.retry.delayMilliseconds(
            afterAttempt: grant.scheduleStep, unit: randomness.unitInterval())
        guard let scheduled else { return .failed(error) }
        return .retry(at: finishedAt.adding(milliseconds: pause ?? scheduled), error)
    }
}
