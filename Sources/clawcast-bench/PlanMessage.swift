import AMQP
import Distribution

/// Plans as WordClaw publishes them: about 4 KiB, of which about 2 KiB reach each target.
struct PlanMessage {
    let targets: [Int64]
    /// When it is due; at once where there is none.
    var scheduledAt: Timestamp?

    private static let paragraph =
        "Distribution is a promise: what was published once arrives everywhere it was meant to, and says so. "

    func message(number: Int) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "distribution.plans", routingKey: "plan.requested",
            properties: MessageProperties(
                contentType: "application/json", messageID: "bench-\(number)", type: "plan.requested"),
            body: body(number: number))
    }

    private func body(number: Int) -> [UInt8] {
        let transform: JSON = .object([
            "outputFormat": .string("markdown"), "maxLength": .null, "includeCanonicalUrl": .bool(true),
            "includeAttribution": .bool(true), "excerptOnly": .bool(false),
        ])
        let references: [JSON] = targets.map { .object(["targetId": .integer($0), "transform": transform]) }
        let channels: JSON = .array([.string("webhook"), .string("feed")])
        let text = String(repeating: Self.paragraph, count: 13)
        let data: JSON = .object([
            "title": .string("The article with the number \(number)"), "slug": .string("article-\(number)"),
            "summary": .string(Self.paragraph), "body": .string(text),
        ])
        let content: JSON = .object([
            "contentTypeId": .integer(15), "contentTypeSlug": .string("article"), "status": .string("published"),
            "data": data, "premiumFields": .array([.string("body")]),
            "canonicalUrl": .string("https://example.com/articles/\(number)"),
            "createdAt": .string("2026-04-06T09:00:00.000Z"), "updatedAt": .string("2026-04-06T10:00:00.000Z"),
        ])
        let policy: JSON = .object([
            "basis": .string("entitlement"), "allowedChannels": channels, "allowRedistribution": .bool(true),
            "excerptOnly": .bool(false), "expiresAt": .null, "offerId": .integer(7), "scopeType": .string("item"),
            "scopeRef": .integer(88), "policyId": .integer(9), "policyVersion": .integer(1), "maxReads": .null,
            "termsJson": .null,
            "entitlement": .object([
                "id": .integer(33), "status": .string("active"), "remainingReads": .null, "expiresAt": .null,
            ]),
        ])
        let plan: JSONObject = [
            "idempotencyKey": .string("bench-\(number)"), "domainId": .integer(1),
            "requestId": .string("r\(number)"), "contentItemId": .integer(number + 1), "contentVersion": .integer(1),
            "scheduledAt": scheduledAt.map { .string($0.iso8601) } ?? .null, "targets": .array(references),
            "content": content, "policy": policy,
            "createdBy": .object(["actorId": .string("api_key:12"), "actorType": .string("api_key")]),
        ]
        return JSON.object(plan).serialized()
    }
}
