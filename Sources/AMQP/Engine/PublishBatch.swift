/// A publish request in progress: what was sent, and what became of it. Confined to the event loop.
final class PublishBatch {
    let messages: [OutgoingMessage]
    let whenSent: (@Sendable () -> Void)?
    /// The index of the message to send next.
    private(set) var next = 0
    private var results: [PublishResult]
    private var unsettled: Int
    private let complete: @Sendable ([PublishResult]) -> Void

    init(_ request: PublishRequest) {
        messages = request.messages
        whenSent = request.whenSent
        results = Array(repeating: .lost, count: request.messages.count)
        unsettled = request.messages.count
        complete = request.complete
    }

    var isSent: Bool { next == messages.count }

    /// The message to send next, which counts as sent from now on.
    func takeNext() -> (index: Int, message: OutgoingMessage) {
        defer { next += 1 }
        return (next, messages[next])
    }

    /// Records the result of one message; the last one completes the request.
    func settle(_ index: Int, _ result: PublishResult) {
        results[index] = result
        unsettled -= 1
        if unsettled == 0 { complete(results) }
    }

    /// Gives up what was never sent.
    func abandonUnsent() {
        while !isSent { settle(takeNext().index, .lost) }
    }
}
