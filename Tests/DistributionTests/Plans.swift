import Distribution

/// Plan messages for the tests of the intake.
enum Plans {
    /// The contract's example, with the one output format that is built.
    static let complete = ##"""
        {"idempotencyKey":"0d8f6f3e-5c1b-4a55-9d0e-2f6f7f1f8a11","domainId":1,"requestId":"5f0c6b7a",
         "contentItemId":88,"contentVersion":3,"scheduledAt":null,
         "targets":[{"targetId":12,"transform":{"outputFormat":"markdown","maxLength":null,"includeCanonicalUrl":true,
          "includeAttribution":true,"excerptOnly":false}},{"targetId":13}],
         "transform":{"outputFormat":"markdown"},
         "content":{"contentTypeId":15,"contentTypeSlug":"article","status":"published",
          "data":{"title":"T","slug":"t","summary":"S","body":"# B"},"premiumFields":["body"],
          "canonicalUrl":"https://example.com/t","createdAt":"2026-04-06T09:00:00.000Z",
          "updatedAt":"2026-04-06T10:00:00.000Z"},
         "policy":{"basis":"entitlement","allowedChannels":["webhook","feed"],"allowRedistribution":true,
          "excerptOnly":false,"expiresAt":null,"offerId":7,"scopeType":"item","scopeRef":88,"policyId":9,
          "policyVersion":1,"maxReads":null,"termsJson":null,
          "entitlement":{"id":33,"status":"active","remainingReads":null,"expiresAt":null}},
         "createdBy":{"actorId":"api_key:12","actorType":"api_key","actorSource":"db","agentProfileId":4}}
        """##

    static func object() throws -> JSONObject {
        try JSON.parse(complete).objectValue ?? [:]
    }

    /// The example with the value at a path of names replaced, or removed where `value` is nil.
    static func object(_ path: String, _ value: JSON?) throws -> JSONObject {
        try replacing(path.split(separator: ".").map(String.init)[...], with: value, in: object())
    }

    private static func replacing(
        _ path: ArraySlice<String>, with value: JSON?, in object: JSONObject
    ) -> JSONObject {
        guard let name = path.first else { return object }
        var changed = object
        if path.count == 1 {
            changed[name] = value
        } else {
            changed[name] = .object(replacing(path.dropFirst(), with: value, in: object[name]?.objectValue ?? [:]))
        }
        return changed
    }
}
