/// What became of one published message.
package enum PublishResult: Sendable, Hashable {
    /// The broker took responsibility: every queue it was routed to has it, persistent ones on disk.
    case confirmed
    /// The broker refused it, for instance because a queue with `x-overflow: reject-publish` is full. Some of several
    /// queues may have it.
    case nacked
    /// No queue took it (312), or it cannot be encoded and was never sent (502): publishing it again as it is will not
    /// help.
    case returned(code: Int, text: String)
    /// The connection or channel was gone before the confirm came, or there was none: the broker may or may not have
    /// the message. Publish it again with the same message id.
    case lost
}
