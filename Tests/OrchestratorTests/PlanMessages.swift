import DistributionTesting

/// Plan messages as WordClaw sends them.
enum PlanMessages {
    /// What only the content says, so that a test finds it where it must not be.
    static let confidential = "nobody-else-may-read-this"

    static func body(
        key: String = "key-1", domain: Int = 1, version: Int = 3, selection: String = #""allTargets":true"#
    ) -> String {
        """
        {"idempotencyKey":"\(key)","domainId":\(domain),"requestId":"request-1","contentItemId":88,
         "contentVersion":\(version),\(selection),
         "content":{"contentTypeId":15,"contentTypeSlug":"article","status":"published",
          "data":{"title":"T","body":"\(confidential)"}},
         "policy":{"basis":"owner"}}
        """
    }

    static func plan(
        key: String = "key-1", domain: Int = 1, version: Int = 3, selection: String = #""allTargets":true"#,
        replyTo: String? = nil
    ) -> InMemoryPlanMessage {
        InMemoryPlanMessage(
            Array(body(key: key, domain: domain, version: version, selection: selection).utf8),
            correlationID: "correlation-1", replyTo: replyTo)
    }
}
