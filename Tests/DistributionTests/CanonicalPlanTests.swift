import Distribution
import DistributionTesting
import Testing

@Suite struct CanonicalPlanTests {
    private func canonical(_ object: JSONObject) throws -> [UInt8] {
        try PlanDecoder.decode(object, messageID: nil, trace: nil).canonicalBytes
    }

    /// The value with the members of every object reversed.
    private func reversed(_ value: JSON) -> JSON {
        switch value {
        case .object(let object): .object(JSONObject(object.members.reversed().map { ($0.name, reversed($0.value)) }))
        case .array(let elements): .array(elements.map(reversed))
        default: value
        }
    }

    @Test func `is the same whatever the order of members`() throws {
        let object = try Plans.object()
        let shuffled = reversed(.object(object)).objectValue ?? [:]
        #expect(shuffled != object)
        #expect(try canonical(shuffled) == canonical(object))
    }

    @Test(
        arguments: [
            ("idempotencyKey", JSON.string("other")), ("requestId", .string("other")), ("createdBy", .null),
            ("schemaVersion", .integer(1)), ("policy.maxReads", nil),
            ("content.updatedAt", .string("2026-04-06T12:00:00+02:00")),
            ("policy.allowedChannels", .array([.string("feed"), .string("webhook")])),
        ] as [(String, JSON?)])
    func `is the same where the meaning is`(path: String, value: JSON?) throws {
        #expect(try canonical(Plans.object(path, value)) == canonical(Plans.object()))
    }

    @Test(arguments: [
        ("domainId", JSON.integer(2)), ("contentItemId", .integer(89)), ("contentVersion", .integer(4)),
        ("scheduledAt", .string("2026-05-01T00:00:00Z")), ("targets", .array([.object(["targetId": .integer(12)])])),
        ("transform.excerptOnly", .bool(true)), ("transform.includeAttribution", .bool(false)),
        ("transform.includeCanonicalUrl", .bool(false)), ("content.status", .string("draft")),
        ("content.data.title", .string("U")), ("content.premiumFields", .array([])), ("content.canonicalUrl", .null),
        ("content.contentTypeSlug", .string("note")), ("content.contentTypeId", .integer(1)),
        ("content.createdAt", .null), ("content.updatedAt", .null), ("policy.basis", .string("owner")),
        ("policy.allowedChannels", .array([])), ("policy.allowRedistribution", .bool(false)),
        ("policy.excerptOnly", .bool(true)), ("policy.expiresAt", .string("2027-01-01T00:00:00Z")),
        ("policy.offerId", .integer(8)), ("policy.scopeType", .string("type")), ("policy.scopeRef", .string("88")),
        ("policy.policyId", .integer(1)), ("policy.policyVersion", .integer(2)), ("policy.maxReads", .integer(1)),
        ("policy.termsJson", .object([:])), ("policy.entitlement", .null), ("policy.entitlement.id", .integer(1)),
        ("policy.entitlement.status", .string("ended")), ("policy.entitlement.remainingReads", .integer(1)),
        ("policy.entitlement.expiresAt", .string("2027-01-01T00:00:00Z")),
    ])
    func `differs where the meaning does`(path: String, value: JSON) throws {
        #expect(try canonical(Plans.object(path, value)) != canonical(Plans.object()))
    }
}
