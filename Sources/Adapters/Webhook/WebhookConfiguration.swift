import Distribution
import Egress

/// The `config` of a webhook target, parsed.
///
/// It is stored and shown to administrators as it stands, and therefore takes no credential in a header: those belong
/// into `credentials`. A URL may hold a secret in its path or query, as Slack's or Azure's do; administrators see it
/// whole, because what they read they write back, while errors, events, logs and dead letters name the origin at most.
struct WebhookConfiguration: Sendable {
    /// A way to sign that a target may list.
    enum Signature: String, Sendable, Hashable, CaseIterable {
        /// Standard Webhooks, HMAC-SHA256.
        case v1
        /// Standard Webhooks, Ed25519.
        case v1a
        /// WordClaw's bare hexadecimal HMAC-SHA256 in `x-wordclaw-signature`.
        case wordclaw
    }

    private static let mostHeaders = 32

    let url: OutboundURL
    let headers: [(name: String, value: String)]
    let signatures: [Signature]

    /// What is stored and shown: the given values with the defaults filled in.
    let json: JSONObject

    /// - Throws: `VALIDATION_ERROR` naming the field.
    init(_ config: JSONObject) throws(Refusal) {
        for member in config.members where !["url", "headers", "signatures"].contains(member.name) {
            throw Self.invalid("config.\(member.name)", "is not a setting of a webhook target")
        }
        guard let text = config["url"]?.stringValue else {
            throw Self.invalid("config.url", "must be the URL to send to, as text")
        }
        do {
            url = try OutboundURL(text)
        } catch {
            throw Self.refusal("config.url cannot be used. \(error)", path: "config.url")
        }
        headers = try Self.headers(config["headers"])
        signatures = try Self.signatures(config["signatures"])
        json = [
            "url": .string(text),
            "headers": .object(JSONObject(headers.map { ($0.name, .string($0.value)) })),
            "signatures": .array(signatures.map { .string($0.rawValue) }),
        ]
    }

    /// Refuses a header that carries a credential where everybody who may see the target would see it.
    ///
    /// Asked when a target is written and not when it is used: what was stored goes on working.
    func refuseSecretsInClear() throws(Refusal) {
        for (name, value) in headers where HeaderRules.isSecret(name: name, value: value) {
            let path = "config.headers.\(name)"
            let credential = "credentials.\(WebhookCredentials.headerPrefix)\(name.lowercased())"
            throw Refusal(
                .validationError, "\(path) looks like a credential and would be stored and shown in clear.",
                remediation: "Leave it out and put its value into \(credential), which is sealed and sent alike.",
                context: ["path": path])
        }
    }

    private static func headers(_ value: JSON?) throws(Refusal) -> [(name: String, value: String)] {
        guard let value, !value.isNull else { return [] }
        guard let object = value.objectValue, object.count <= mostHeaders else {
            throw invalid("config.headers", "must be an object of at most \(mostHeaders) texts")
        }
        var headers: [(name: String, value: String)] = []
        var names: Set<String> = []
        for member in object.members {
            let path = "config.headers.\(member.name)"
            guard let text = member.value.stringValue else { throw invalid(path, "must be a text") }
            if let problem = HeaderRules.problem(name: member.name, value: text) { throw invalid(path, problem) }
            guard names.insert(member.name.lowercased()).inserted else {
                throw invalid(path, "is given twice, as upper and lower case are the same in a header's name")
            }
            headers.append((member.name, text))
        }
        return headers
    }

    private static func signatures(_ value: JSON?) throws(Refusal) -> [Signature] {
        guard let value, !value.isNull else { return [.v1] }
        let names = value.arrayValue?.map { $0.stringValue.flatMap(Signature.init(rawValue:)) } ?? []
        let signatures = names.compactMap(\.self)
        guard !signatures.isEmpty, signatures.count == names.count, Set(signatures).count == signatures.count else {
            throw invalid("config.signatures", "must list some of v1, v1a and wordclaw, each once")
        }
        return signatures
    }

    private static func invalid(_ path: String, _ problem: String) -> Refusal {
        refusal("\(path) \(problem).", path: path)
    }

    private static func refusal(_ message: String, path: String) -> Refusal {
        Refusal(
            .validationError, message, remediation: "Correct \(path) and send the target again.",
            context: ["path": path])
    }
}
