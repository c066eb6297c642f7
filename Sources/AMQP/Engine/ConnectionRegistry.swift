internal import Synchronization

/// The shared state of a `Connection`: where it stands, who watches, and what is attached to it.
final class ConnectionRegistry: Sendable {
    private struct State {
        var current = ConnectionState.connecting(attempt: 1, lastError: nil)
        var generation = 0
        var session: Session?
        /// Why the broker takes no publishes over the session, which it may say before everything is restored.
        var blockedReason: String?
        var nextID = 0
        var attachments: [Int: any Attachment] = [:]
        var watchers: [Int: AsyncStream<ConnectionState>.Continuation] = [:]
    }

    private let state = Mutex(State())

    var current: ConnectionState { state.withLock { $0.current } }
    var session: Session? { state.withLock { $0.session } }

    /// Changes the state and tells the watchers; nothing follows `closed`.
    func change(to new: ConnectionState) {
        change { _ in new }
    }

    /// Changes the state to what follows from it, in one step; nil leaves it as it is.
    private func change(_ next: (inout State) -> ConnectionState?) {
        let finished: [AsyncStream<ConnectionState>.Continuation] = state.withLock { state in
            guard let new = next(&state), state.current != .closed, state.current != new else { return [] }
            state.current = new
            // Inside the lock, so that every watcher sees the changes in their order.
            for watcher in state.watchers.values { watcher.yield(new) }
            return new == .closed ? Array(state.watchers.values) : []
        }
        // Outside of it, because finishing calls `unwatch`.
        for watcher in finished { watcher.finish() }
    }

    /// Makes the session the one that new attachments join, and returns those that were made before.
    func begin(_ session: Session) -> [any Attachment] {
        state.withLock { state in
            state.session = session
            state.blockedReason = nil
            return state.attachments.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// Says that the session has become usable.
    ///
    /// - Returns: The number of the connection.
    func connected() -> Int {
        var generation = 0
        change { state in
            state.generation += 1
            generation = state.generation
            return .connected(generation: generation)
        }
        change { state in state.blockedReason.map { .blocked(reason: $0) } }
        return generation
    }

    func endSession() {
        state.withLock { $0.session = nil }
    }

    /// Applies the broker's word about its alarm while the connection is usable.
    func blocked(_ reason: String?) {
        change { state in
            state.blockedReason = reason
            switch (state.current, reason) {
            case (.connected, let reason?), (.blocked, let reason?): return .blocked(reason: reason)
            case (.blocked, nil): return .connected(generation: state.generation)
            default: return nil
            }
        }
    }

    /// Adds an attachment and returns its number and the session it is to join at once, if there is one.
    func add(_ attachment: any Attachment) -> (id: Int, session: Session?) {
        state.withLock { state in
            state.nextID += 1
            state.attachments[state.nextID] = attachment
            return (state.nextID, state.session)
        }
    }

    func remove(_ id: Int) -> (any Attachment, Session?)? {
        state.withLock { state in
            state.attachments.removeValue(forKey: id).map { ($0, state.session) }
        }
    }

    func removeAll() -> [any Attachment] {
        state.withLock { state in
            defer { state.attachments = [:] }
            return Array(state.attachments.values)
        }
    }

    func watch() -> AsyncStream<ConnectionState> {
        let (stream, continuation) = AsyncStream<ConnectionState>.makeStream()
        let (id, isClosed) = state.withLock { state in
            state.nextID += 1
            state.watchers[state.nextID] = continuation
            continuation.yield(state.current)
            return (state.nextID, state.current == .closed)
        }
        continuation.onTermination = { [weak self] _ in self?.unwatch(id) }
        if isClosed { continuation.finish() }
        return stream
    }

    private func unwatch(_ id: Int) {
        // The continuation must not go away under the lock it may call into.
        let removed = state.withLock { $0.watchers.removeValue(forKey: id) }
        _ = removed
    }
}
