import Distribution
import Sealing

/// The signature headers of a webhook target, with its keys parsed once.
struct WebhookSigning: Sendable {
    private let standard: WebhookSigner?
    private let wordClaw: WordClawSigner?

    /// - Throws: `CREDENTIALS_UNAVAILABLE` where a key is missing, malformed or could not be opened. Nothing is ever sent
    ///   without each signature that the target lists.
    init(
        _ signatures: [WebhookConfiguration.Signature], credentials: TargetCredentials
    ) throws(DeliveryError) {
        if case .unavailable(let reason) = credentials { throw Self.unavailable(Sanitizer.message(reason)) }
        var keys: [WebhookKey] = []
        var wordClaw: WordClawSigner?
        for signature in signatures {
            switch signature {
            case .v1:
                keys.append(try Self.symmetric(WebhookCredentials.secret, credentials))
                if credentials[WebhookCredentials.previousSecret] != nil {
                    keys.append(try Self.symmetric(WebhookCredentials.previousSecret, credentials))
                }
            case .v1a:
                keys.append(try Self.asymmetric(WebhookCredentials.signingKey, credentials))
                if credentials[WebhookCredentials.previousSigningKey] != nil {
                    keys.append(try Self.asymmetric(WebhookCredentials.previousSigningKey, credentials))
                }
            case .wordclaw:
                let secret = try Self.required(WebhookCredentials.secret, credentials)
                do throws(SealingError) {
                    wordClaw = try WordClawSigner(secret: secret)
                } catch {
                    throw Self.malformed(WebhookCredentials.secret)
                }
            }
        }
        standard = keys.isEmpty ? nil : WebhookSigner(keys: keys)
        self.wordClaw = wordClaw
    }

    /// Adds the headers over these very bytes: `webhook-id`, `webhook-timestamp`, and a signature for each key.
    ///
    /// `webhook-timestamp` is in seconds and that of this attempt (Standard Webhooks).
    func sign(_ attempt: DeliveryAttempt, into headers: inout [(String, String)]) throws(SealingError) {
        let seconds = attempt.startedAt.milliseconds / 1000
        headers.append(("webhook-id", attempt.deliveryID.text))
        headers.append(("webhook-timestamp", String(seconds)))
        if let standard {
            let signature = try standard.signature(
                id: attempt.deliveryID.text, timestamp: seconds, body: attempt.body)
            headers.append(("webhook-signature", signature))
        }
        if let wordClaw { headers.append(("x-wordclaw-signature", try wordClaw.signature(body: attempt.body))) }
    }

    private static func symmetric(_ name: String, _ credentials: TargetCredentials) throws(DeliveryError) -> WebhookKey
    {
        let secret = try required(name, credentials)
        guard let key = try? WebhookKey(secret), case .symmetric = key else { throw malformed(name) }
        return key
    }

    private static func asymmetric(_ name: String, _ credentials: TargetCredentials) throws(DeliveryError) -> WebhookKey
    {
        let secret = try required(name, credentials)
        guard let key = try? WebhookKey(secret), case .asymmetric = key else { throw malformed(name) }
        return key
    }

    private static func required(_ name: String, _ credentials: TargetCredentials) throws(DeliveryError) -> Secret {
        guard let secret = credentials[name] else { throw unavailable("The target has no \(name).") }
        return secret
    }

    private static func malformed(_ name: String) -> DeliveryError {
        unavailable("The target's \(name) is malformed.")
    }

    private static func unavailable(_ reason: String) -> DeliveryError {
        DeliveryError(code: .credentialsUnavailable, message: reason, certainty: .unsent)
    }
}
