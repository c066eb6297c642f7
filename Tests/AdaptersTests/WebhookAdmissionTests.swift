import Distribution
import DistributionTesting
import Sealing
import Testing

@testable import Adapters

/// What a target may be, and what is said of one that may not.
@Suite(.timeLimit(.minutes(1))) struct WebhookAdmissionTests {
    struct Refused: Sendable, CustomTestStringConvertible {
        let path: String
        let configuration: JSONObject
        var credentials: [String: String] = [:]
        var says = ""

        var testDescription: String { "\(path) \(says)" }
    }

    private static let url: JSON = "https://receiver.example/hook"

    static func url(_ text: JSON, _ says: String) -> Refused {
        Refused(path: "config.url", configuration: ["url": text], says: says)
    }

    static func header(_ name: String, _ value: JSON = "v", _ says: String = "") -> Refused {
        let headers = JSON.object(JSONObject([(name, value)]))
        return Refused(path: "config.headers.\(name)", configuration: ["url": url, "headers": headers], says: says)
    }

    static func credential(_ name: String, _ value: String, _ says: String = "") -> Refused {
        Refused(path: "credentials.\(name)", configuration: ["url": url], credentials: [name: value], says: says)
    }

    static let urls: [Refused] = [
        url(.null, "must be the URL"), url(7, "must be the URL"), url("", "empty"), url("ftp://a.example/", "https://"),
        url("receiver.example/hook", "https://"), url("https://user:pw@a.example/", "user name"),
        url("https://a b.example/", "space"), url("https://exämple.org/", "punycode"), url("https://", "host"),
        url("https://a.example:0/", "port"), url("https://a.example/%zz", "percent-encoded"),
        url(.string("https://a.example/" + String(repeating: "a", count: 9000)), "longer"),
    ]

    static let headers: [Refused] = [
        Refused(path: "config.headers", configuration: ["url": url, "headers": ["a"]], says: "object"),
        header("Host", "a", "written by Clawcast"), header("Content-Length", "1"), header("user-agent"),
        header("WebHook-ID"), header("webhook-signature"), header("x-wordclaw-signature"), header("traceparent"),
        header("transfer-encoding"), header("connection"), header("expect"), header("content-encoding"),
        header("", "v", "not a header name"), header("a b"), header("a:"), header("é"), header("a\r\nb"),
        header("x-shop", "", "printable"), header("x-shop", "a\r\nevil: 1"), header("x-shop", "é"),
        header("x-shop", " a"), header("x-shop", "a\t"), header("x-shop", 1, "text"), header("x-shop", .null),
        header("x-shop", .string(String(repeating: "a", count: 4097))),
    ]

    static let secretHeaders: [Refused] =
        [
            "Authorization", "proxy-authorization", "Cookie", "x-api-key", "X-Auth-Token", "api_key", "x-apikey",
            "client-secret", "x-clientsecret", "X-Access-Token", "password", "x-functions-key", "x-amz-security-token",
        ].map { header($0, "v", "looks like a credential") } + [
            header("x-shop", "Bearer abc"), header("x-shop", "basic YQ=="),
        ]

    static let others: [Refused] = [
        Refused(path: "config.method", configuration: ["url": url, "method": "PUT"], says: "not a setting"),
        Refused(path: "config.signatures", configuration: ["url": url, "signatures": []], says: "v1a"),
        Refused(path: "config.signatures", configuration: ["url": url, "signatures": ["v2"]]),
        Refused(path: "config.signatures", configuration: ["url": url, "signatures": ["v1", "v1"]]),
        Refused(path: "config.signatures", configuration: ["url": url, "signatures": "v1"]),
        Refused(path: "config.signatures", configuration: ["url": url, "signatures": [1]]),
    ]

    static let credentials: [Refused] = [
        credential("password", "x", "not a credential of a webhook target"), credential("secret", "", "24 to 64"),
        credential("secret", "hunter2"), credential("secret", "whsec_"), credential("secret", "whsec_c2hvcnQ="),
        credential("secret", "whsec_!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!"), credential("secret", WebhookFixture.signingKey),
        credential("secret", "whsec_" + Base64.encode([UInt8](repeating: 1, count: 65))),
        credential("previousSecret", "hunter2"), credential("signingKey", WebhookFixture.secret, "Ed25519"),
        credential("signingKey", "whsk_AAAA"), credential("previousSigningKey", WebhookFixture.secret),
        credential("header.", "v", "not a header name"), credential("header.host", "v", "written by Clawcast"),
        credential("header.Authorization", "v", "lower case"),
        credential("header.authorization", "a\r\nb", "printable"),
        Refused(
            path: "credentials.header.x-shop", configuration: ["url": url, "headers": ["X-Shop": "a"]],
            credentials: ["header.x-shop": "b"], says: "config.headers"),
    ]

    @Test(arguments: urls + headers + secretHeaders + others + credentials)
    func `what cannot be used is refused with its path, a reason and a remedy`(_ refused: Refused) async throws {
        try await WebhookFixture.run { fixture in
            let refusal = try #require(throws: Refusal.self) {
                try fixture.adapter.admit(Self.draft(refused.configuration, refused.credentials))
            }
            #expect(refusal.code == .validationError)
            #expect(refusal.context["path"] == refused.path)
            #expect(refusal.message.hasPrefix(refused.path))
            #expect(refusal.message.contains(refused.says), "\(refusal.message)")
            #expect(refusal.remediation.hasSuffix(".") && refusal.remediation.count > 10)
            for secret in refused.credentials.values where secret.count > 6 {
                #expect(!"\(refusal) \(refusal.context)".contains(secret))
            }
        }
    }

    @Test func `a secret header is told where it belongs`() async throws {
        try await WebhookFixture.run { fixture in
            let refused = Self.header("X-Api-Key", "hush-hush")
            let refusal = try #require(throws: Refusal.self) {
                try fixture.adapter.admit(Self.draft(refused.configuration))
            }
            #expect(refusal.remediation.contains("credentials.header.x-api-key"))
            #expect(!refusal.description.contains("hush-hush"))
            let admitted = try fixture.adapter.admit(
                Self.draft(["url": Self.url], ["header.x-api-key": "hush-hush"]))
            #expect(admitted.credentials["header.x-api-key"]?.reveal() == "hush-hush")
            #expect(admitted.generatedCredentials == ["secret"])
            #expect(!"\(admitted)".contains("hush-hush"))
        }
    }

    @Test(arguments: ["x-author", "x-keyboard", "idempotency-key", "x-tenant", "x-monkey", "accept", "X-Shop"])
    func `a header that only resembles a credential is admitted`(_ name: String) async throws {
        try await WebhookFixture.run { fixture in
            let admitted = try fixture.adapter.admit(Self.draft(Self.header(name).configuration))
            #expect(admitted.configuration["headers"]?.objectValue?[name] == "v")
        }
    }

    @Test func `defaults are filled in, what was given stays as it was`() async throws {
        try await WebhookFixture.run { fixture in
            let url: JSON = "HTTPS://Receiver.example:443/a?token=1"
            let admitted = try fixture.adapter.admit(Self.draft(["url": url]))
            #expect(admitted.configuration == ["url": url, "headers": [:], "signatures": ["v1"]])
            let again = try fixture.adapter.admit(
                TargetDraft(
                    configuration: admitted.configuration, credentials: admitted.credentials,
                    delivery: DeliverySettings()))
            #expect(again.configuration == admitted.configuration)
            #expect(again.credentials == admitted.credentials)
            #expect(again.generatedCredentials.isEmpty)
        }
    }

    @Test func `a missing secret is generated, fresh each time, only where a signature needs it`() async throws {
        try await WebhookFixture.run { fixture in
            func generated(_ signatures: JSON, _ given: [String: String] = [:]) throws -> AdmittedTarget {
                try fixture.adapter.admit(Self.draft(["url": Self.url, "signatures": signatures], given))
            }
            let first = try generated(["v1", "v1a"])
            #expect(first.generatedCredentials == ["secret", "signingKey"])
            #expect(first.credentials["secret"]?.reveal().hasPrefix("whsec_") == true)
            #expect(first.credentials["signingKey"]?.reveal().hasPrefix("whsk_") == true)
            #expect(try generated(["v1"]).credentials["secret"] != first.credentials["secret"])
            #expect(try generated(["wordclaw"]).generatedCredentials == ["secret"])
            #expect(try generated(["v1a"]).generatedCredentials == ["signingKey"])
            let given = try generated(["v1"], ["secret": WebhookFixture.secret])
            #expect(given.generatedCredentials.isEmpty)
            #expect(given.credentials == ["secret": Secret(WebhookFixture.secret)])
        }
    }

    private static func draft(_ configuration: JSONObject, _ credentials: [String: String] = [:]) -> TargetDraft {
        TargetDraft(
            configuration: configuration, credentials: credentials.mapValues { Secret($0) },
            delivery: DeliverySettings())
    }
}
