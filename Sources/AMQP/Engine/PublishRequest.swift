/// One call of `Publisher.publish` on its way to the event loop.
struct PublishRequest: Sendable {
    let messages: [OutgoingMessage]
    /// Called where all of it was written to the socket.
    var whenSent: (@Sendable () -> Void)?
    /// Called exactly once, with one result a message.
    let complete: @Sendable ([PublishResult]) -> Void

    func fail() {
        complete(Array(repeating: .lost, count: messages.count))
    }
}
