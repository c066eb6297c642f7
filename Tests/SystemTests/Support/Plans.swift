import Distribution

/// Plan messages as WordClaw writes them.
enum Plans {
    /// A plan of the owner's own content, which policy lets go anywhere.
    static func owner(
        key: String, targets: [TargetID], domainID: Int64 = 1, version: Int64 = 1, changes: JSONObject = [:]
    ) -> JSONObject {
        var plan: JSONObject = [
            "idempotencyKey": .string(key), "domainId": .integer(domainID), "requestId": .string("request-\(key)"),
            "contentItemId": .integer(88), "contentVersion": .integer(version),
            "targets": .array(targets.map { .object(["targetId": .integer($0.rawValue)]) }),
            "content": .object(content()), "policy": .object(["basis": .string("owner")]),
            "createdBy": .object(["actorId": .string("api_key:12"), "actorType": .string("api_key")]),
        ]
        for member in changes.members { plan[member.name] = member.value }
        return plan
    }

    static func content(body: String = "# B") -> JSONObject {
        let data: JSONObject = [
            "title": .string("T"), "slug": .string("t"), "summary": .string("S"), "body": .string(body),
        ]
        return [
            "contentTypeId": .integer(15), "contentTypeSlug": .string("article"), "status": .string("published"),
            "data": .object(data), "premiumFields": .array([.string("body")]),
            "canonicalUrl": .string("https://example.com/t"),
            "createdAt": .string("2026-04-06T09:00:00.000Z"), "updatedAt": .string("2026-04-06T10:00:00.000Z"),
        ]
    }
}

extension JSONObject {
    func without(_ name: String) -> JSONObject {
        var copy = self
        copy[name] = nil
        return copy
    }
}
