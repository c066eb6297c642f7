import NIOCore
import Synchronization

/// What a test server has seen, and a way to wait for it without polling.
final class ServerLog: Sendable {
    struct Seen: Sendable {
        var opened = 0
        var closed = 0
        var heads: [String] = []
    }

    private struct State {
        var seen = Seen()
        var listener: (any Channel)?
        var waiting: [(condition: @Sendable (Seen) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var seen: Seen { state.withLock(\.seen) }

    func listening(_ channel: any Channel) { state.withLock { $0.listener = channel } }

    func stopListening() { state.withLock(\.listener)?.close(promise: nil) }

    /// The connection's number, from 1.
    func opened() -> Int {
        update { $0.opened += 1 }.opened
    }

    func closed() { _ = update { $0.closed += 1 } }

    func requested(_ head: String) { _ = update { $0.heads.append(head) } }

    /// Returns as soon as the condition holds.
    func wait(until condition: @escaping @Sendable (Seen) -> Bool) async {
        await withCheckedContinuation { continuation in
            let holds = state.withLock { state in
                if condition(state.seen) { return true }
                state.waiting.append((condition, continuation))
                return false
            }
            if holds { continuation.resume() }
        }
    }

    private func update(_ change: (inout Seen) -> Void) -> Seen {
        let (seen, ready) = state.withLock { state in
            change(&state.seen)
            let seen = state.seen
            let ready = state.waiting.filter { $0.condition(seen) }.map(\.continuation)
            state.waiting.removeAll { $0.condition(seen) }
            return (seen, ready)
        }
        for continuation in ready { continuation.resume() }
        return seen
    }
}
