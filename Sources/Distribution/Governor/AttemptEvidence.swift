/// What the end of an attempt says about its target, whatever it says about the job.
package enum AttemptEvidence: Sendable, Hashable {
    /// It took the request.
    case accepted
    /// It answered, but not with a success: it lives.
    case refused
    /// No connection, no answer in time, or a 5xx.
    case unavailable
    /// It asked to be left alone: 429, or 503 with `Retry-After`.
    ///
    /// - Parameters:
    ///   - requested: For how many milliseconds; nil where it named no time.
    ///   - isOverload: 429: it takes requests, but fewer.
    case throttled(requested: Int64?, isOverload: Bool)
    /// The target was never asked: nothing is known of it.
    case none

    package init(_ result: DeliveryResult) {
        switch result.outcome {
        case .accepted: self = .accepted
        case .rejected(let statusCode, let retryAfter):
            // `Retry-After: 0` asks for nothing.
            let requested = retryAfter.flatMap {
                $0.milliseconds > 0 ? RetryPolicy.roundedUp($0.milliseconds) : nil
            }
            switch statusCode {
            case 429: self = .throttled(requested: requested, isOverload: true)
            case 503 where requested != nil: self = .throttled(requested: requested, isOverload: false)
            case 500...: self = .unavailable
            default: self = .refused
            }
        case .failed(let code, _, _):
            switch code {
            case .dnsFailed, .connectFailed, .tlsFailed, .timeout, .connectionReset: self = .unavailable
            default: self = .none
            }
        }
    }
}
