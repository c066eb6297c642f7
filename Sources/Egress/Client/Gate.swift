internal import Synchronization

/// Counts who is inside, and once closed lets nobody in and tells when the last one has left.
final class Gate: Sendable {
    private struct State {
        var inside = 0
        var isClosed = false
        var awaiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// False once closed; whoever entered must ``leave()``.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.inside += 1
            return true
        }
    }

    func leave() {
        let awaiting = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.inside -= 1
            guard state.inside == 0 else { return [] }
            defer { state.awaiting = [] }
            return state.awaiting
        }
        for continuation in awaiting { continuation.resume() }
    }

    /// Whether this call closed it, so that only one caller tears down.
    func close() -> Bool {
        state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
    }

    func untilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.inside > 0 { state.awaiting.append(continuation) }
                return state.inside == 0
            }
            if isEmpty { continuation.resume() }
        }
    }
}
