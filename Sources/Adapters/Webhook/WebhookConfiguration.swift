import Distribution
import Egress

/// The `config` of a webhook target, parsed.
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

    let url: OutboundURL
    let headers: [(name: String, value: String)]
    let signatures: [Signature]

    /// What is stored and shown: the given values with the defaults filled in.
    let json: JSONObject

    /// Names that the adapter or the connection writes itself.
    private static let reserved: Set<String> = [
        "host", "content-length", "content-type", "transfer-encoding", "connection", "keep-alive", "te", "trailer",
        "upgrade", "expect", "proxy-connection", "user-agent", "webhook-id", "webhook-timestamp", "webhook-signature",
        "x-wordclaw-signature", "traceparent", "tracestate",
    ]

    /// - Throws: `VALIDATION_ERROR` naming the field.
    init(_ config: JSONObject) throws(Refusal) {
        for member in config.members where !["url", "headers", "signatures"].contains(member.name) {
            throw Self.invalid("config.\(member.name)", "is not a setting of a webhook target")
        }
        guard let text = config["url"]?.stringValue else { throw Self.invalid("config.url", "must be a URL") }
        do {
            url = try OutboundURL(text)
        } catch {
            throw Self.invalid("config.url", "cannot be used: \(error)")
        }
        headers = try Self.headers(config["headers"])
        signatures = try Self.signatures(config["signatures"])
        json = [
            "url": .string(text),
            "headers": .object(JSONObject(headers.map { ($0.name, .string($0.value)) })),
            "signatures": .array(signatures.map { .string($0.rawValue) }),
        ]
    }

    private static func headers(_ value: JSON?) throws(Refusal) -> [(name: String, value: String)] {
        guard let value, !value.isNull else { return [] }
        guard let object = value.objectValue, object.count <= 32 else {
            throw invalid("config.headers", "must be an object of at most 32 texts")
        }
        var headers: [(name: String, value: String)] = []
        for member in object.members {
            let path = "config.headers.\(member.name)"
            guard let text = member.value.stringValue, text.utf8.count <= 4096, isFieldValue(text) else {
                throw invalid(path, "must be a text of at most 4096 printable characters")
            }
            guard isFieldName(member.name) else { throw invalid(path, "is not a header name") }
            guard !reserved.contains(member.name.lowercased()) else {
                throw invalid(path, "is written by Clawcast itself")
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

    /// A token of RFC 9110 §5.6.2.
    private static func isFieldName(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    private static func isFieldValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
    }

    private static func invalid(_ path: String, _ problem: String) -> Refusal {
        Refusal(
            .validationError, "\(path) \(problem).",
            remediation: "Correct \(path) and send the target again.", context: ["path": path])
    }
}
