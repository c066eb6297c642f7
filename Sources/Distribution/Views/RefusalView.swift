/// The flat error object of every protocol (contract, section 7).
package enum RefusalView {
    /// - Parameter requestID: Shown in the context as `requestId`.
    package static func json(_ refusal: Refusal, requestID: String? = nil) -> JSON {
        var context = JSONObject(refusal.context.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
        if let requestID { context["requestId"] = .string(requestID) }
        return .object([
            "error": .string(refusal.message),
            "code": .string(refusal.code.rawValue),
            "remediation": .string(refusal.remediation),
            "context": .object(context),
        ])
    }
}
