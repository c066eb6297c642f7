/// Reads a stream of batches message by message.
actor Inbox<Message: Sendable> {
    private let stream: AsyncStream<[Message]>
    private var buffered: [Message] = []

    init(_ stream: AsyncStream<[Message]>) {
        self.stream = stream
    }

    /// The next message; nil once the stream has ended.
    func next() async -> Message? {
        if buffered.isEmpty {
            for await batch in stream {
                buffered = batch
                if !batch.isEmpty { break }
            }
        }
        return buffered.isEmpty ? nil : buffered.removeFirst()
    }

    /// The next so many messages, fewer where the stream ends before.
    func next(_ count: Int) async -> [Message] {
        var messages: [Message] = []
        while messages.count < count, let message = await next() { messages.append(message) }
        return messages
    }
}
