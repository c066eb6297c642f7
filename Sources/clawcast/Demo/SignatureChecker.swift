import Distribution
import Sealing

/// Verifies deliveries as a receiver would by the Standard Webhooks specification.
struct SignatureChecker: Sendable {
    private let signer: WebhookSigner

    init(secret: Secret) throws(SealingError) {
        signer = try WebhookSigner(secrets: [secret])
    }

    func accepts(_ headers: [(String, String)], _ body: [UInt8]) -> Bool {
        func header(_ name: String) -> String? { headers.first { $0.0.lowercased() == name }?.1 }
        guard let id = header("webhook-id"), let text = header("webhook-timestamp"), let timestamp = Int64(text),
            let signatures = header("webhook-signature"),
            let expected = try? signer.signature(id: id, timestamp: timestamp, body: body)
        else { return false }
        return signatures.split(separator: " ").contains { $0 == expected }
    }
}
