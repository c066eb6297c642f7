/// Why an attempt, or a job, did not succeed: a code to match on and a sanitized sentence.
package struct DeliveryError: Error, Sendable, Hashable, CustomStringConvertible {
    package let code: ErrorCode
    /// At most 1 KiB, without a credential or the query of a URL; `HTTP 503`.
    package let message: String
    package let statusCode: Int?
    package let certainty: Certainty?

    package init(code: ErrorCode, message: String, statusCode: Int? = nil, certainty: Certainty? = nil) {
        self.code = code
        self.message = message
        self.statusCode = statusCode
        self.certainty = certainty
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
