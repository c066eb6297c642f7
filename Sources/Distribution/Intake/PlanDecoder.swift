/// Reads plan requests.
package enum PlanDecoder {
    /// The largest body that is accepted: 1 MiB.
    package static let maximumBytes = 1_048_576

    package static func decode(
        _ body: [UInt8], messageID: String?, trace: TraceContext?, maximumBytes: Int = PlanDecoder.maximumBytes
    ) throws(Refusal) -> PlanRequest {
        throw Refusal(.validationError, "", remediation: "")
    }

    package static func decode(
        _ object: JSONObject, messageID: String?, trace: TraceContext?
    ) throws(Refusal) -> PlanRequest {
        throw Refusal(.validationError, "", remediation: "")
    }

    package static func identify(_ body: [UInt8], messageID: String? = nil) -> PlanIdentity {
        PlanIdentity(domainID: DomainID(0), requestID: nil, idempotencyKey: messageID)
    }
}
