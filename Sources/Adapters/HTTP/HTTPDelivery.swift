import Distribution
import Egress

/// What an HTTP exchange means for a delivery; shared by every adapter that speaks HTTP.
enum HTTPDelivery {
    /// 2xx is success, whatever the body; everything else is a refusal of the target.
    static func result(
        of response: OutboundResponse, to url: OutboundURL, durationMilliseconds: Int64, now: Timestamp
    ) -> DeliveryResult {
        let outcome: DeliveryResult.Outcome
        if (200..<300).contains(response.status) {
            let reference = ExternalReference(response, to: url)
            outcome = .accepted(externalID: reference.id, externalURL: reference.url)
        } else {
            let retryAfter = response.header("retry-after").flatMap {
                RetryAfter(header: $0, date: response.header("date"), now: now)
            }
            outcome = .rejected(statusCode: response.status, retryAfter: retryAfter)
        }
        return DeliveryResult(
            outcome: outcome, statusCode: response.status, durationMilliseconds: durationMilliseconds,
            responseExcerpt: excerpt(of: response))
    }

    /// A failure is ambiguous exactly where the whole request has left.
    static func result(of error: EgressError, durationMilliseconds: Int64) -> DeliveryResult {
        let certainty: Certainty = error.requestState == .sent ? .ambiguous : .unsent
        return failure(
            code(of: error.code), Sanitizer.message(error.detail), certainty,
            durationMilliseconds: durationMilliseconds)
    }

    static func failure(
        _ code: ErrorCode, _ message: String, _ certainty: Certainty, durationMilliseconds: Int64
    ) -> DeliveryResult {
        DeliveryResult(
            outcome: .failed(code: code, message: message, certainty: certainty), statusCode: nil,
            durationMilliseconds: durationMilliseconds, responseExcerpt: nil)
    }

    /// What the contract calls a failure; the sentence beside it tells more.
    ///
    /// A request that this client itself gave up (too busy, cancelled, shut down) has no code of its own: whether it is
    /// given back is decided by the certainty, as far as the request had come.
    private static func code(of code: EgressError.Code) -> ErrorCode {
        switch code {
        case .refusedAddress, .invalidRequest: .egressRefused
        case .dnsFailed: .dnsFailed
        case .connectFailed, .tooBusy, .cancelled, .shutDown: .connectFailed
        case .tlsFailed: .tlsFailed
        case .timedOut: .timeout
        case .connectionReset, .malformedResponse: .connectionReset
        }
    }

    /// The beginning of the answer's body, of an acceptance too: it is what the receiver said of it. A compressed body,
    /// which nobody asked for, says nothing.
    private static func excerpt(of response: OutboundResponse) -> String? {
        guard !response.body.isEmpty, !response.isEncoded else { return nil }
        return Sanitizer.excerpt(response.body)
    }
}

extension OutboundResponse {
    /// Whether the body is compressed or otherwise wrapped (RFC 9110 §8.4).
    var isEncoded: Bool {
        guard let encoding = header("content-encoding") else { return false }
        return !encoding.isEmpty && encoding.lowercased() != "identity"
    }
}
