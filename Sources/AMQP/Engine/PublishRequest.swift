/// One call of `Publisher.publish` on its way to the event loop.
struct PublishRequest: Sendable {
    let messages: [OutgoingMessage]
    /// Called exactly once, with one result a message.
    let complete: @Sendable ([PublishResult]) -> Void

    func fail() {
        complete(Array(repeating: .lost, count: messages.count))
    }
}
