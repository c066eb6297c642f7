internal import Synchronization

/// Tells when the queues of dead letters can be believed: not while one of them is deleted and declared anew.
///
/// What is published meanwhile finds no queue and is taken by the alternate exchange, and what was on its way to the old
/// queue is confirmed when that is deleted: the broker says that it has both, and no queue shows them. So neither counts
/// as confirmed; the ledger goes on owing it, and it is published again.
final class DeadLetterWindow: Sendable {
    /// When something was about to be published.
    struct Pass: Sendable {
        fileprivate let closings: Int
    }

    private let state = Mutex((isOpen: true, closings: 0))

    /// - Returns: nil while nothing is to be published.
    func enter() -> Pass? {
        state.withLock { $0.isOpen ? Pass(closings: $0.closings) : nil }
    }

    /// Whether the window has been open all the time since then.
    func hasStayedOpen(since pass: Pass) -> Bool {
        state.withLock { $0.closings == pass.closings }
    }

    /// A queue is about to be deleted.
    func close() {
        state.withLock { state in
            state.isOpen = false
            state.closings += 1
        }
    }

    /// All queues are there again.
    func open() {
        state.withLock { $0.isOpen = true }
    }
}
