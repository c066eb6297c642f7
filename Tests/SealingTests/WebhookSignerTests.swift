import Distribution
import Sealing
import Testing

/// Checked against the reference implementation (PyPI `standardwebhooks`) and an independent Ed25519.
@Suite struct WebhookSignerTests {
    private let id = "msg_p5jXN8AQM9LWM0D4loKWxJek"
    private let timestamp: Int64 = 1_614_265_330
    private let body = Array(#"{"test": 2432232314}"#.utf8)
    private let symmetric = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    private let asymmetric = Secret(
        "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2DXWpgBgrEKt9VL/tPJZAc6DuFy89qmIyWvAhpo9wdRGg==")
    private let expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    private let expectedAsymmetric =
        "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw=="

    @Test func `the specification's example has the reference signature`() throws {
        let signer = try WebhookSigner(secrets: [symmetric])
        #expect(try signer.signature(id: id, timestamp: timestamp, body: body) == expected)
    }

    @Test func `every valid key signs, in order, separated by a space`() throws {
        let signer = try WebhookSigner(secrets: [asymmetric, symmetric])
        let signature = try signer.signature(id: id, timestamp: timestamp, body: body)
        #expect(signature == "\(expectedAsymmetric) \(expected)")
    }

    @Test func `a v1a signature verifies with the public key that receivers are given`() throws {
        let key = try WebhookKey(asymmetric)
        let text = try #require(key.publicText)
        #expect(text == "whpk_11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=")
        let signature = try #require(Base64.decode(String(expectedAsymmetric.dropFirst(4))))
        let message = Array("\(id).\(timestamp).".utf8) + body
        #expect(try WebhookKey.publicKey(from: text).isValid(signature, for: message))
        #expect(throws: SealingError.self) { try WebhookKey.publicKey(from: "whpk_AAAA") }
    }

    @Test func `WordClaw's signature is the hexadecimal HMAC keyed with the text itself`() throws {
        let signer = try WordClawSigner(secret: symmetric)
        let expected = "80ec8a89ce3cd22133a1066caecb4d04fea7467657c8514d717ec42c38a5c94c"
        #expect(try signer.signature(body: body) == expected)
    }

    @Test func `generated keys are of the form that is accepted`() throws {
        let secret = try WebhookKey.generateSymmetric()
        #expect(secret.reveal().hasPrefix("whsec_"))
        #expect(try WebhookKey(secret).publicText == nil)
        #expect(try WebhookKey(WebhookKey.generateAsymmetric()).publicText != nil)
    }

    @Test(
        "secrets of another form are refused",
        arguments: [
            "", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_not base64",
            "whsec_" + Base64.encode([UInt8](repeating: 1, count: 23)),
            "whsec_" + Base64.encode([UInt8](repeating: 1, count: 65)),
            "whsk_" + Base64.encode([UInt8](repeating: 1, count: 31)),
            "whsk_" + Base64.encode([UInt8](repeating: 1, count: 64)),
        ])
    func malformedSecrets(text: String) {
        #expect(throws: SealingError.self) { try WebhookSigner(secrets: [Secret(text)]) }
    }
}
