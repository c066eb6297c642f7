/// A request that is not carried out: a code, what happened, and what to do about it.
package struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    package let code: ErrorCode
    /// What happened, in a sentence for people; without a secret.
    package let message: String
    /// What to do about it, in a sentence for people.
    package let remediation: String
    /// Details by name, such as the path of a field.
    package let context: [String: String]

    package init(_ code: ErrorCode, _ message: String, remediation: String, context: [String: String] = [:]) {
        self.code = code
        self.message = message
        self.remediation = remediation
        self.context = context
    }

    package var description: String { "\(code.rawValue): \(message) \(remediation)" }
}
