import Distribution

@testable import clawcast

/// A plan message that must be refused.
struct RefusalCase: Sendable {
    let name: String
    let body: [UInt8]
    var routingKey = "plan.requested"
    let code: String
    /// The key of the plan, where the message can be read that far.
    var key: String?
    /// The domain under which it is told of: 0 where the message does not say.
    var domain = 1

    /// Plans that are right but for one thing.
    static func nearMisses(target: Target, foreign: Target) -> [RefusalCase] {
        func plan(_ name: String, _ code: String, _ change: (inout JSONObject) -> Void) -> RefusalCase {
            var plan = Plans.owner(key: name, targets: [target.id])
            change(&plan)
            return RefusalCase(name: name, body: JSON.object(plan).serialized(), code: code, key: name)
        }
        let reference: JSON = .object(["targetId": .integer(target.id.rawValue)])
        var nowhere = plan("wrong type of domainId", "VALIDATION_ERROR") { $0["domainId"] = "1" }
        nowhere.domain = 0
        return [
            nowhere,
            plan("wrong type of content", "VALIDATION_ERROR") { $0["content"] = .array([]) },
            plan("data that holds no JSON", "VALIDATION_ERROR") { plan in
                var content = Plans.content()
                content["data"] = "not json"
                plan["content"] = .object(content)
            },
            plan("no content", "VALIDATION_ERROR") { $0["content"] = nil },
            plan("no policy", "VALIDATION_ERROR") { $0["policy"] = nil },
            plan("mistyped policy field", "VALIDATION_ERROR") { plan in
                plan["policy"] = .object(["basis": "owner", "exerptOnly": true])
            },
            plan("mistyped transform field", "VALIDATION_ERROR") { plan in
                plan["transform"] = .object(["excerptsOnly": true])
            },
            plan("mistyped field of a target", "VALIDATION_ERROR") { plan in
                plan["targets"] = .array([
                    .object(["targetId": .integer(target.id.rawValue), "transfrom": .object(["excerptOnly": true])])
                ])
            },
            plan("unknown target", "TARGET_NOT_FOUND") { plan in
                plan["targets"] = .array([reference, .object(["targetId": 987_654])])
            },
            plan("target of another domain", "TARGET_NOT_FOUND") { plan in
                plan["targets"] = .array([.object(["targetId": .integer(foreign.id.rawValue)])])
            },
            plan("no selection", "TARGETS_REQUIRED") { $0["targets"] = nil },
            plan("two selections", "TARGETS_REQUIRED") { $0["allTargets"] = true },
            plan("empty targets", "TARGETS_REQUIRED") { $0["targets"] = .array([]) },
            plan("no target left", "NO_TARGETS") { plan in
                plan["targets"] = nil
                plan["channelTypes"] = .array(["feed"])
            },
            plan("html", "NOT_SUPPORTED") { $0["transform"] = .object(["outputFormat": "html"]) },
            plan("schema version 2", "VALIDATION_ERROR") { $0["schemaVersion"] = 2 },
            RefusalCase(
                name: "unknown routing key",
                body: JSON.object(Plans.owner(key: "r", targets: [target.id])).serialized(),
                routingKey: "plan.requestd", code: "UNKNOWN_MESSAGE_TYPE", key: "r"),
            RefusalCase(
                name: "foreign routing key",
                body: JSON.object(Plans.owner(key: "s", targets: [target.id])).serialized(),
                routingKey: "something.else", code: "UNKNOWN_MESSAGE_TYPE", key: "s"),
        ]
    }

    /// Bytes that are no plan at all.
    static func rubbish(target: Target) -> [RefusalCase] {
        let whole = JSON.object(Plans.owner(key: "torn", targets: [target.id])).serialized()
        var large = Plans.owner(key: "large", targets: [target.id])
        large["content"] = .object(Plans.content(body: String(repeating: "x", count: PlanDecoder.maximumBytes)))
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        return [
            RefusalCase(name: "empty", body: [], code: "VALIDATION_ERROR", domain: 0),
            RefusalCase(name: "torn", body: Array(whole.dropLast(9)), code: "VALIDATION_ERROR", domain: 0),
            RefusalCase(name: "no object", body: Array("[1]".utf8), code: "VALIDATION_ERROR", domain: 0),
            RefusalCase(
                name: "not UTF-8", body: [0x7B, 0x22, 0xFF, 0x22, 0x3A, 0x31, 0x7D], code: "VALIDATION_ERROR", domain: 0
            ),
            RefusalCase(name: "deep nesting", body: Array(deep.utf8), code: "VALIDATION_ERROR", domain: 0),
            RefusalCase(
                name: "deep nesting of a field", body: Array(#"{"idempotencyKey":"d","content":\#(deep)}"#.utf8),
                code: "VALIDATION_ERROR", domain: 0),
            RefusalCase(
                name: "over 1 MiB", body: JSON.object(large).serialized(), code: "PAYLOAD_TOO_LARGE", key: "large"),
        ]
    }
}
