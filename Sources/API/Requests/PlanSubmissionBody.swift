import Distribution
import HTTPTypes
import Hummingbird

/// A plan request as REST carries it: the message of AMQP, without what the key and the headers say.
struct PlanSubmissionBody: Sendable {
    let request: PlanRequest
    let awaitsDelivery: Bool

    /// Whoever sends it, the plan is created by the key, and for the key's domain.
    init(_ call: Call, _ sent: JSONObject) throws(Refusal) {
        var object = sent
        let reader = JSONReader(sent)
        try call.checkDomain(try reader.optionalInteger("domainId").map { DomainID($0) })
        awaitsDelivery = try reader.optionalBool("awaitDelivery") ?? false
        object["domainId"] = .integer(call.domainID.rawValue)
        object["createdBy"] = call.caller.provenance
        if !reader.has("requestId") { object["requestId"] = .string(call.requestID) }
        let header = call.request.headers[text: "idempotency-key"]
        try Self.compare(header, try reader.optionalString("idempotencyKey"))
        request = try PlanDecoder.decode(object, messageID: header, trace: Self.trace(call.request))
    }

    private static func compare(_ header: String?, _ field: String?) throws(Refusal) {
        guard let header, let field, header != field else { return }
        throw Refusal(
            .validationError, "The header Idempotency-Key and the field idempotencyKey differ.",
            remediation: "Send one of them, or the same in both.", context: ["path": "idempotencyKey"])
    }

    private static func trace(_ request: Request) -> TraceContext? {
        request.headers[text: "traceparent"].flatMap {
            TraceContext(traceparent: $0, tracestate: request.headers[text: "tracestate"])
        }
    }
}
