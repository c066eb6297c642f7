import Distribution
import Sealing

/// The signature headers of a webhook target, with its keys parsed once.
struct WebhookSigning: Sendable {
    private let standard: WebhookSigner?
    private let wordClaw: WordClawSigner?

    /// - Throws: `CREDENTIALS_UNAVAILABLE` where a key is missing, malformed or could not be opened.
    init(
        _ signatures: [WebhookConfiguration.Signature], credentials: TargetCredentials
    ) throws(DeliveryError) {
        if case .unavailable(let reason) = credentials { throw Self.unavailable(reason) }
        var keys: [Secret] = []
        for signature in signatures {
            switch signature {
            case .v1:
                keys.append(try Self.required(WebhookCredentials.secret, in: credentials))
                if let previous = credentials[WebhookCredentials.previousSecret] { keys.append(previous) }
            case .v1a: keys.append(try Self.required(WebhookCredentials.signingKey, in: credentials))
            case .wordclaw: break
            }
        }
        do throws(SealingError) {
            standard = keys.isEmpty ? nil : try WebhookSigner(secrets: keys)
            if signatures.contains(.wordclaw), let secret = credentials[WebhookCredentials.secret] {
                wordClaw = try WordClawSigner(secret: secret)
            } else {
                wordClaw = nil
            }
        } catch {
            throw Self.unavailable("A signing key of the target is malformed.")
        }
    }

    /// The headers over these very bytes: `webhook-id`, `webhook-timestamp`, and a signature for each key.
    ///
    /// `webhook-timestamp` is in seconds and that of this attempt (Standard Webhooks).
    func headers(for attempt: DeliveryAttempt) throws(SealingError) -> [(String, String)] {
        let seconds = attempt.startedAt.milliseconds / 1000
        var headers = [("webhook-id", attempt.deliveryID.text), ("webhook-timestamp", String(seconds))]
        if let standard {
            let signature = try standard.signature(
                id: attempt.deliveryID.text, timestamp: seconds, body: attempt.body)
            headers.append(("webhook-signature", signature))
        }
        if let wordClaw { headers.append(("x-wordclaw-signature", try wordClaw.signature(body: attempt.body))) }
        return headers
    }

    private static func required(
        _ name: String, in credentials: TargetCredentials
    ) throws(DeliveryError) -> Secret {
        guard let secret = credentials[name] else { throw unavailable("The target has no \(name).") }
        return secret
    }

    private static func unavailable(_ reason: String) -> DeliveryError {
        DeliveryError(code: .credentialsUnavailable, message: reason, certainty: .unsent)
    }
}
