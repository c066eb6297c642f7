import Distribution
import HTTPTypes

/// A refusal about HTTP itself, whose status is not that of its code.
struct RequestRefusal: Error, Sendable {
    let status: HTTPResponse.Status
    let refusal: Refusal
    var allowed: [String] = []

    static let unknownPath = RequestRefusal(
        status: .notFound,
        refusal: Refusal(
            .notSupported, "There is nothing at this path.",
            remediation: "Use a path below /api/distribution: targets, plans, jobs, receipts or dead-letters."))

    static let unsupportedMediaType = RequestRefusal(
        status: .unsupportedMediaType,
        refusal: Refusal(
            .validationError, "The body is not declared as JSON.",
            remediation: "Send JSON in UTF-8 with content-type: application/json."))

    static let targetTooLong = RequestRefusal(
        status: .uriTooLong,
        refusal: Refusal(.validationError, "The path and query are too long.", remediation: "Shorten the query."))

    static let bodyTooSlow = RequestRefusal(
        status: .requestTimeout,
        refusal: Refusal(
            .timeout, "The body did not arrive in time.", remediation: "Send the request again, and whole."))

    static func methodNotAllowed(_ allowed: [String]) -> RequestRefusal {
        RequestRefusal(
            status: .methodNotAllowed,
            refusal: Refusal(
                .notSupported, "This path does not take that method.",
                remediation: "Use \(allowed.joined(separator: ", "))."),
            allowed: allowed)
    }
}
