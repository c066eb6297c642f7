import Distribution
import Synchronization

/// Tells every subscriber that events are owed, a burst counting as one, and keeps the newest at hand.
final class EventSignals: Sendable {
    private struct State {
        var subscribers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextSubscriber = 0
        var isFinished = false
        /// Committed since they were taken last; without a gap.
        var fresh: [OwedEvent] = []
    }

    /// Events kept at hand; whoever falls further behind reads the ledger.
    private static let freshLimit = 1024

    private let state = Mutex(State())

    func subscribe() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let id: Int? = state.withLock { state in
            guard !state.isFinished else { return nil }
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = continuation
            return state.nextSubscriber
        }
        guard let id else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.remove(id) }
        return stream
    }

    /// - Parameter events: What one commit owes, in its order.
    func fire(_ events: [OwedEvent]) {
        let subscribers = state.withLock { state in
            if state.fresh.count + events.count > Self.freshLimit { state.fresh = [] }
            if events.count <= Self.freshLimit { state.fresh += events }
            return Array(state.subscribers.values)
        }
        for continuation in subscribers { continuation.yield() }
    }

    func takeEvents() -> [OwedEvent] {
        state.withLock { state in
            defer { state.fresh = [] }
            return state.fresh
        }
    }

    func finish() {
        let subscribers = state.withLock { state in
            state.isFinished = true
            defer { state.subscribers.removeAll() }
            return Array(state.subscribers.values)
        }
        for continuation in subscribers { continuation.finish() }
    }

    private func remove(_ id: Int) {
        state.withLock { state in _ = state.subscribers.removeValue(forKey: id) }
    }
}
