/// Publishes with confirms on a channel of its own, which is reopened by itself after the loss of channel or connection.
package final class Publisher: Sendable {
    private let core: PublisherCore
    private let attachment: AttachmentToken

    init(_ core: PublisherCore, attachment: AttachmentToken) {
        self.core = core
        self.attachment = attachment
    }

    /// Publishes the messages in their order and returns, in the same order, what became of each.
    ///
    /// Returns when the last of them is settled. While the connection is down every result is `lost`, promptly; while
    /// the broker has blocked the connection, or more than `ConnectionConfiguration.publishWindow` messages of this
    /// publisher wait for their confirms, it waits. Several calls may run at once; each keeps its own order. Cancelling
    /// the calling task does not cut the wait short, because the outcome would be unknown.
    ///
    /// - Parameter whenSent: Called on the event loop once the batch was written to the socket, before any confirm of it
    ///   is read; never where it cannot be sent.
    package func publish(
        _ batch: [OutgoingMessage], whenSent: (@Sendable () -> Void)? = nil
    ) async -> [PublishResult] {
        guard !batch.isEmpty else { return [] }
        return await withCheckedContinuation { continuation in
            let request = PublishRequest(messages: batch, whenSent: whenSent) { continuation.resume(returning: $0) }
            if !core.requests.post(request) { request.fail() }
        }
    }

    /// Publishes one message; see `publish(_:)` for batches, which are several times cheaper per message.
    package func publish(_ message: OutgoingMessage) async -> PublishResult {
        await publish([message]).first ?? .lost
    }
}
