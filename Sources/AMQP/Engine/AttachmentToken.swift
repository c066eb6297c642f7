/// Keeps something attached to a connection for as long as the token lives.
final class AttachmentToken: Sendable {
    private let id: Int
    private let registry: ConnectionRegistry

    init(id: Int, registry: ConnectionRegistry) {
        self.id = id
        self.registry = registry
    }

    deinit {
        guard let (attachment, session) = registry.remove(id) else { return }
        guard let session else { return attachment.finish() }
        // In this order: it is detached from the channel that `finish` forgets.
        session.perform { handler in
            attachment.detach(from: handler)
            attachment.finish()
        }
    }
}
