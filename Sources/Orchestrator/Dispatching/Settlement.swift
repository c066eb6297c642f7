/// How a job message is settled.
enum Settlement: Sendable, Hashable {
    /// Its outcome is committed, or it is of no use any more.
    case acknowledge
    /// It was not attempted and goes back to its queue.
    case giveBack
}
