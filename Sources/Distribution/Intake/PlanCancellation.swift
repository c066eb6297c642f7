/// A request to call a plan off (`plan.cancel`), by its id or by the key it was or will be sent with.
package struct PlanCancellation: Sendable, Hashable {
    package enum Subject: Sendable, Hashable {
        case id(PlanID)
        case idempotencyKey(String)
    }

    package let domainID: DomainID
    package let subject: Subject

    package init(domainID: DomainID, subject: Subject) {
        self.domainID = domainID
        self.subject = subject
    }

    /// Reads `{"domainId":1,"planId":7}` or the same with `idempotencyKey`; other fields are ignored.
    ///
    /// - Throws: `PAYLOAD_TOO_LARGE` or `VALIDATION_ERROR`, also where both or neither are given.
    package static func decode(_ body: [UInt8]) throws(Refusal) -> PlanCancellation {
        try decode(PlanDecoder.object(in: body, maximumBytes: PlanDecoder.maximumBytes))
    }

    /// Reads a cancellation that has been parsed already.
    package static func decode(_ object: JSONObject) throws(Refusal) -> PlanCancellation {
        let reader = JSONReader(object)
        try PlanDecoder.checkSchemaVersion(reader)
        let domainID = DomainID(try reader.requiredInteger("domainId", in: 1...Int64.max))
        guard reader.has("planId") != reader.has("idempotencyKey") else {
            throw Refusal(
                .validationError, "A cancellation needs exactly one of planId and idempotencyKey.",
                remediation: "Send the one that you know.", context: ["path": "planId"])
        }
        if let id = try reader.optionalInteger("planId", in: 1...Int64.max) {
            return PlanCancellation(domainID: domainID, subject: .id(PlanID(id)))
        }
        let key = try PlanDecoder.idempotencyKey(reader, nil)
        return PlanCancellation(domainID: domainID, subject: .idempotencyKey(key))
    }
}
