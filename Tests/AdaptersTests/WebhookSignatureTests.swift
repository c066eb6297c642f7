import Distribution
import DistributionTesting
import Glibc
import LocalReceiver
import Sealing
import Testing

@testable import Adapters

/// Signatures as receivers verify them: against published vectors and by the reference implementation.
@Suite(.timeLimit(.minutes(1))) struct WebhookSignatureTests {
    /// The specification's example, and its Ed25519 counterpart made by an independent implementation.
    private let v1 = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    private let v1a = "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw=="
    private let wordclaw = "80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c"
    private let both = ["secret": WebhookFixture.secret, "signingKey": WebhookFixture.signingKey]

    @Test func `the published example is signed as published`() async throws {
        try await WebhookFixture.run { fixture in
            let request = try await fixture.received(by: fixture.target())
            #expect(request?.header("webhook-signature") == v1)
            #expect(request?.header("x-wordclaw-signature") == nil)
        }
    }

    @Test func `v1a signs with the Ed25519 key alone`() async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target("/hook", ["signatures": ["v1a"]], credentials: both)
            let request = try await fixture.received(by: target)
            #expect(request?.header("webhook-signature") == v1a)
        }
    }

    @Test func `both kinds stand in the listed order with a space between`() async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target("/hook", ["signatures": ["v1a", "v1"]], credentials: both)
            let request = try await fixture.received(by: target)
            #expect(request?.header("webhook-signature") == "\(v1a) \(v1)")
        }
    }

    @Test func `WordClaw's signature stands alone or beside Standard Webhooks'`() async throws {
        try await WebhookFixture.run { fixture in
            let alone = try await fixture.received(by: fixture.target("/hook", ["signatures": ["wordclaw"]]))
            #expect(alone?.header("x-wordclaw-signature") == wordclaw)
            #expect(alone?.header("webhook-signature") == nil)
            #expect(alone?.header("webhook-id") == "msg_p5jXN8AQM9LWM0D4loKWxJek")
            let beside = try await fixture.received(by: fixture.target("/hook", ["signatures": ["v1", "wordclaw"]]))
            #expect(beside?.header("x-wordclaw-signature") == wordclaw)
            #expect(beside?.header("webhook-signature") == v1)
        }
    }

    @Test func `during a rotation the reference implementation accepts either secret, and no other`() async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target(
                "/hook", ["signatures": ["v1", "v1a", "wordclaw"]],
                credentials: [
                    "secret": WebhookFixture.secret, "previousSecret": WebhookFixture.previousSecret,
                    "signingKey": WebhookFixture.signingKey,
                ])
            let attempt = DeliveryAttempt.sample(startedAt: Self.now(), body: "{\"text\":\"\u{e9}\u{1F980}\"}")
            let request = try #require(try await fixture.received(attempt, by: target))
            #expect(request.header("webhook-signature")?.split(separator: " ").count == 3)
            for secret in [WebhookFixture.secret, WebhookFixture.previousSecret] {
                #expect(try ReferenceVerifier.verdict(on: request, secret: secret) == "valid")
            }
            let other = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            let refused = try ReferenceVerifier.verdict(on: request, secret: other)
            #expect(refused == "invalid: No matching signature found")
            let tampered = try ReferenceVerifier.verdict(
                on: request, body: request.body + [0x20], secret: WebhookFixture.secret)
            #expect(tampered == "invalid: No matching signature found")
        }
    }

    @Test func `a generated secret signs what the reference implementation accepts`() async throws {
        try await WebhookFixture.run { fixture in
            let admitted = try fixture.adapter.admit(
                TargetDraft(
                    configuration: ["url": .string(fixture.receiver.url("/hook"))], credentials: [:],
                    delivery: DeliverySettings()))
            let secret = try #require(admitted.credentials["secret"])
            let target = fixture.target(credentials: ["secret": secret.reveal()])
            let request = try #require(try await fixture.received(.sample(startedAt: Self.now()), by: target))
            #expect(try ReferenceVerifier.verdict(on: request, secret: secret.reveal()) == "valid")
        }
    }

    @Test func `during a rotation of the signing key receivers find a signature of either`() async throws {
        let previous = try WebhookKey.generateAsymmetric()
        try await WebhookFixture.run { fixture in
            let target = fixture.target(
                "/hook", ["signatures": ["v1a"]],
                credentials: ["signingKey": WebhookFixture.signingKey, "previousSigningKey": previous.reveal()])
            let request = try #require(try await fixture.received(by: target))
            let signatures = try #require(request.header("webhook-signature")).split(separator: " ")
            #expect(signatures.first.map(String.init) == v1a)
            let publicText = try #require(try WebhookKey(previous).publicText)
            let second = try #require(signatures.last).dropFirst(4)
            let signature = try #require(Base64.decode(String(second)))
            let message = Array("msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.".utf8) + request.body
            #expect(try WebhookKey.publicKey(from: publicText).isValid(signature, for: message))
        }
    }

    /// The real time, against which the reference implementation compares.
    private static func now() -> Timestamp { Timestamp(milliseconds: Int64(time(nil)) * 1000) }
}
