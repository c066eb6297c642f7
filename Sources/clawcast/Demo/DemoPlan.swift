import Distribution

/// The plan messages of the demo, as WordClaw's backend would write them.
enum DemoPlan {
    /// - Parameter channels: what the reader's licence covers.
    static func message(key: String, targets: [Int64], channels: [String], at now: Timestamp) -> [UInt8] {
        let moment = JSON.string(now.iso8601)
        let data: JSONObject = [
            "title": "The octopus has three hearts", "slug": "three-hearts",
            "summary": "Two of them stop when it swims.",
            "body": .string("# Three hearts\n\nWhich is why an octopus *prefers to crawl*."),
        ]
        let content: JSONObject = [
            "contentTypeId": .integer(15), "contentTypeSlug": "article", "status": "published", "data": .object(data),
            "premiumFields": .array(["body"]), "canonicalUrl": "https://example.com/three-hearts", "createdAt": moment,
            "updatedAt": moment,
        ]
        let policy: JSONObject = [
            "basis": "entitlement", "allowedChannels": .array(channels.map { .string($0) }),
            "allowRedistribution": .bool(true), "excerptOnly": .bool(false),
            "entitlement": .object(["id": .integer(33), "status": "active"]),
        ]
        let references = targets.map { JSON.object(["targetId": .integer($0)]) }
        return JSON.object([
            "idempotencyKey": .string(key), "domainId": .integer(1), "requestId": .string(key),
            "contentItemId": .integer(88), "contentVersion": .integer(3), "targets": .array(references),
            "content": .object(content), "policy": .object(policy),
        ]).serialized()
    }
}
