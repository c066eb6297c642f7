import Distribution
import Egress

/// What an HTTP exchange means for a delivery; shared by every adapter that speaks HTTP.
enum HTTPDelivery {
    /// A body up to this size is looked into for the receiver's own id.
    private static let longestAnswerRead = 4096

    /// 2xx is success, whatever the body; everything else is a refusal of the target.
    static func result(
        of response: OutboundResponse, durationMilliseconds: Int64, now: Timestamp
    ) -> DeliveryResult {
        let outcome: DeliveryResult.Outcome
        if (200..<300).contains(response.status) {
            let receipt = externalReference(response)
            outcome = .accepted(externalID: receipt.id, externalURL: receipt.url)
        } else {
            let retryAfter = response.header("retry-after").flatMap {
                RetryAfter(header: $0, date: response.header("date"), now: now)
            }
            outcome = .rejected(statusCode: response.status, retryAfter: retryAfter)
        }
        return DeliveryResult(
            outcome: outcome, statusCode: response.status, durationMilliseconds: durationMilliseconds,
            responseExcerpt: response.body.isEmpty ? nil : Sanitizer.excerpt(response.body))
    }

    static func result(of error: EgressError, durationMilliseconds: Int64) -> DeliveryResult {
        let certainty: Certainty = error.requestState == .sent ? .ambiguous : .unsent
        let outcome = DeliveryResult.Outcome.failed(
            code: code(of: error.code), message: Sanitizer.message(error.detail), certainty: certainty)
        return DeliveryResult(
            outcome: outcome, statusCode: nil, durationMilliseconds: durationMilliseconds, responseExcerpt: nil)
    }

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

    /// The `id` and `url` of a JSON object, or the `location`, where the receiver tells them.
    private static func externalReference(_ response: OutboundResponse) -> (id: String?, url: String?) {
        let location = response.header("location").flatMap { $0.utf8.count <= 2048 ? $0 : nil }
        guard !response.isBodyTruncated, (2...longestAnswerRead).contains(response.body.count),
            response.header("content-type")?.lowercased().contains("json") == true,
            let answer = (try? JSON.parse(response.body))?.objectValue
        else { return (nil, location) }
        let id: String? =
            switch answer["id"] {
            case .string(let text) where text.utf8.count <= 255: text
            case .number(let literal): literal
            default: nil
            }
        let url = answer["url"]?.stringValue.flatMap { $0.utf8.count <= 2048 ? $0 : nil }
        return (id, url ?? location)
    }
}
