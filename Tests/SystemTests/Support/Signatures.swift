import Distribution
import LocalReceiver
import Sealing
import Testing

/// Recomputes the signature of a request from what was received.
enum Signatures {
    static func check(_ request: ReceivedRequest, secret: Secret) throws {
        let id = try #require(request.header("webhook-id"))
        let timestamp = try #require(request.header("webhook-timestamp").flatMap { Int64($0) })
        let expected = try WebhookSigner(secrets: [secret]).signature(id: id, timestamp: timestamp, body: request.body)
        #expect(request.header("webhook-signature") == expected)
        // Of this attempt, not of the first.
        #expect(abs(request.wallNanoseconds / 1_000_000_000 - timestamp) <= 30)
    }
}
