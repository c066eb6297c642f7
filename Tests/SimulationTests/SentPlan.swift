import Distribution
import DistributionTesting

/// A plan as a publisher sends it.
struct SentPlan: Sendable {
    let key: String
    let version: Int64
    /// The targets it names; nil where it means all.
    let targets: [Int64]?
    var scheduledAt: Timestamp?
    var expiresAt: Timestamp?
    /// Something that no planner takes.
    var isMalformed = false

    var body: [UInt8] {
        let selection =
            targets.map { ids in
                "\"targets\":[" + ids.map { "{\"targetId\":\($0)}" }.joined(separator: ",") + "]"
            } ?? "\"allTargets\":true"
        let schedule = scheduledAt.map { "\"scheduledAt\":\"\($0.iso8601)\"," } ?? ""
        let expiry = expiresAt.map { ",\"expiresAt\":\"\($0.iso8601)\"" } ?? ""
        let text = """
            {"idempotencyKey":"\(key)","domainId":1,"contentItemId":1,"contentVersion":\(version),\(schedule)\
            \(selection),"content":{"status":"published","data":{"title":"T"}},\
            "policy":{"basis":"owner"\(expiry)}\(isMalformed ? "" : "}")
            """
        return Array(text.utf8)
    }

    var message: InMemoryPlanMessage { InMemoryPlanMessage(body) }

    /// Calls a plan off by its key.
    static func cancellation(of key: String) -> InMemoryPlanMessage {
        InMemoryPlanMessage(
            Array("{\"domainId\":1,\"idempotencyKey\":\"\(key)\"}".utf8), routingKey: "plan.cancel")
    }
}
