import Distribution

/// How a job message is settled, and whether its target stops taking work.
struct Settlement: Sendable, Hashable {
    enum Own: Sendable, Hashable {
        /// Its outcome is committed, or it is of no use any more.
        case acknowledge
        /// It was not attempted and goes back to its queue.
        case giveBack
    }

    let own: Own
    /// A target whose queue is to be closed and whose other messages in hand go back to it.
    let closing: TargetID?

    init(_ own: Own, closing: TargetID? = nil) {
        self.own = own
        self.closing = closing
    }

    static let acknowledge = Settlement(.acknowledge)
    static let giveBack = Settlement(.giveBack)
}
