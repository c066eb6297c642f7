/// Reads plan requests (contract, section 2.1) and refuses what does not have their form.
///
/// Unknown fields are refused inside `policy`, `policy.entitlement`, `transform` and `targets[]`, where a mistyped
/// `excerptOnly` would leak a body, and ignored elsewhere.
package enum PlanDecoder {
    /// The largest body that is accepted: 1 MiB.
    package static let maximumBytes = 1_048_576

    /// - Parameters:
    ///   - body: The message as it came.
    ///   - messageID: Serves as idempotency key where the body has none.
    /// - Throws: `PAYLOAD_TOO_LARGE`, `VALIDATION_ERROR`, `TARGETS_REQUIRED` or `NOT_SUPPORTED`.
    package static func decode(
        _ body: [UInt8], messageID: String?, trace: TraceContext?, maximumBytes: Int = PlanDecoder.maximumBytes
    ) throws(Refusal) -> PlanRequest {
        try decode(object(in: body, maximumBytes: maximumBytes), messageID: messageID, trace: trace)
    }

    /// Reads a request that has been parsed already; its size is the caller's to bound.
    package static func decode(
        _ object: JSONObject, messageID: String?, trace: TraceContext?
    ) throws(Refusal) -> PlanRequest {
        let reader = JSONReader(object)
        try checkSchemaVersion(reader)
        let idempotencyKey = try idempotencyKey(reader, messageID)
        let domainID = DomainID(try reader.requiredInteger("domainId", in: 1...Int64.max))
        let contentItemID = try reader.requiredInteger("contentItemId", in: 1...Int64.max)
        let contentVersion = try reader.requiredInteger("contentVersion", in: 0...Int64.max)
        let requestID = try requestID(reader)
        let scheduledAt = try reader.optionalTimestamp("scheduledAt")
        let transform = try transform(reader.optionalObject("transform"), over: Transform())
        let selection = try selection(reader, transform)
        let content = try content(reader.requiredObject("content"))
        let policyReader = try reader.requiredObject("policy")
        let policy = try policy(policyReader)
        let canonical = CanonicalPlan(
            domainID: domainID, contentItemID: contentItemID, contentVersion: contentVersion,
            scheduledAt: scheduledAt, selection: selection, transform: transform, content: content, policy: policy,
            policyDetails: try policyDetails(policyReader))
        return PlanRequest(
            idempotencyKey: idempotencyKey, domainID: domainID, requestID: requestID, contentItemID: contentItemID,
            contentVersion: contentVersion, scheduledAt: scheduledAt, selection: selection, transform: transform,
            content: content, policy: policy, createdBy: try createdBy(reader), trace: trace,
            canonicalBytes: canonical.bytes)
    }

    /// Reads whose plan a message is, as far as it tells, whatever else is wrong with it.
    ///
    /// - Parameter messageID: Serves as idempotency key where the body has none.
    package static func identify(_ body: [UInt8], messageID: String? = nil) -> PlanIdentity {
        let isReadable = body.count <= RefusedPlanBody.maximumReadableBytes
        let reader = JSONReader(isReadable ? (try? JSON.parse(body))?.objectValue ?? [:] : [:])
        let domainID = (try? reader.optionalInteger("domainId", in: 1...Int64.max)) ?? nil
        return PlanIdentity(
            domainID: DomainID(domainID ?? 0), requestID: (try? requestID(reader)) ?? nil,
            idempotencyKey: try? idempotencyKey(reader, messageID))
    }

    /// Parses the object that a message of any type is.
    static func object(in body: [UInt8], maximumBytes: Int) throws(Refusal) -> JSONObject {
        guard body.count <= maximumBytes else {
            throw Refusal(
                .payloadTooLarge, "The body has \(body.count) bytes; \(maximumBytes) are allowed.",
                remediation: Remediation.sentence(for: .payloadTooLarge))
        }
        return try JSONObject(body: body)
    }

    static func checkSchemaVersion(_ reader: JSONReader) throws(Refusal) {
        guard try reader.optionalInteger("schemaVersion") ?? 1 == 1 else {
            throw reader.refusal("schemaVersion", "must be 1")
        }
    }

    /// Refuses control characters: the key goes into messages, logs and tables.
    static func idempotencyKey(_ reader: JSONReader, _ messageID: String?) throws(Refusal) -> String {
        guard let key = try reader.optionalString("idempotencyKey") ?? messageID else {
            throw reader.refusal("idempotencyKey", "is required")
        }
        guard (1...255).contains(key.unicodeScalars.count) else {
            throw reader.refusal("idempotencyKey", "must have 1 to 255 characters")
        }
        guard key.isFreeOfControls else {
            throw reader.refusal("idempotencyKey", "must not hold a control character")
        }
        return key
    }

    /// At most 255 bytes, as it travels as the AMQP `correlation_id`; empty counts as absent.
    private static func requestID(_ reader: JSONReader) throws(Refusal) -> String? {
        guard let id = try reader.optionalString("requestId"), !id.isEmpty else { return nil }
        guard id.utf8.count <= 255, id.isFreeOfControls else {
            throw reader.refusal("requestId", "must have at most 255 bytes and no control character")
        }
        return id
    }

    private static func createdBy(_ reader: JSONReader) throws(Refusal) -> JSON {
        try reader.optionalObject("createdBy").map { .object($0.object) } ?? .null
    }
}

extension String {
    fileprivate var isFreeOfControls: Bool {
        utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }
}
