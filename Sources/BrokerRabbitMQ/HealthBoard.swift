internal import AMQP
internal import Distribution
internal import Synchronization

/// Merges the states of both connections into one health and tells every subscriber when it changes.
final class HealthBoard: Sendable {
    enum Side: Sendable {
        case publishing, consuming
    }

    private struct State: Sendable {
        var publishing = ConnectionState.connecting(attempt: 1, lastError: nil)
        var consuming = ConnectionState.connecting(attempt: 1, lastError: nil)
        /// New connections so far, of either kind.
        var generation = 0
        var health = BrokerHealth.disconnected(reason: HealthBoard.connecting)
        var subscribers: [Int: AsyncStream<BrokerHealth>.Continuation] = [:]
        var nextSubscriber = 0
        var isClosed = false
    }

    private static let connecting = "The connection to the broker is being made."
    private static let closed = "The connection to the broker has been closed."
    private let state = Mutex(State())

    /// A subscription of its own: the current health first, then each change; it ends when the broker has been closed.
    func subscribe() -> AsyncStream<BrokerHealth> {
        let (stream, continuation) = AsyncStream<BrokerHealth>.makeStream(bufferingPolicy: .bufferingNewest(16))
        let number = state.withLock { state -> Int? in
            continuation.yield(state.health)
            guard !state.isClosed else { return nil }
            state.nextSubscriber += 1
            state.subscribers[state.nextSubscriber] = continuation
            return state.nextSubscriber
        }
        guard let number else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in _ = state.subscribers.removeValue(forKey: number) }
        }
        return stream
    }

    func update(_ side: Side, _ connection: ConnectionState) {
        state.withLock { state in
            switch side {
            case .publishing:
                if case .connected(let new) = connection, !Self.isUp(state.publishing, in: new) {
                    state.generation += 1
                }
                state.publishing = connection
            case .consuming:
                if case .connected(let new) = connection, !Self.isUp(state.consuming, in: new) { state.generation += 1 }
                state.consuming = connection
            }
            let health = Self.merge(state)
            guard health != state.health else { return }
            state.health = health
            for subscriber in state.subscribers.values { subscriber.yield(health) }
        }
    }

    /// Ends every subscription after a last word.
    func close() {
        let subscribers = state.withLock { state in
            state.isClosed = true
            state.health = .disconnected(reason: Self.closed)
            defer { state.subscribers = [:] }
            return Array(state.subscribers.values)
        }
        for subscriber in subscribers {
            subscriber.yield(.disconnected(reason: Self.closed))
            subscriber.finish()
        }
    }

    /// An alarm that is lifted says `connected` again, with the generation it had.
    private static func isUp(_ state: ConnectionState, in generation: Int) -> Bool {
        switch state {
        case .blocked: true
        case .connected(let current): current == generation
        case .connecting, .closed: false
        }
    }

    private static func merge(_ state: State) -> BrokerHealth {
        let sides = [state.publishing, state.consuming]
        if sides.contains(.closed) { return .disconnected(reason: closed) }
        // Whichever knows why: the other may still be at its first attempt, and has nothing to say.
        let obstacles = sides.compactMap(obstacle)
        if let obstacle = obstacles.first(where: { $0 != waiting }) ?? obstacles.first { return obstacle }
        if case .blocked(let reason) = state.publishing { return .blocked(reason: reason) }
        return .connected(generation: state.generation)
    }

    private static let waiting = BrokerHealth.disconnected(reason: connecting)

    /// Why one of the connections cannot be used; nil where it can.
    private static func obstacle(_ side: ConnectionState) -> BrokerHealth? {
        guard case .connecting(_, let lastError) = side else { return nil }
        return lastError.map { .disconnected(reason: $0.description, remediation: $0.remediation) } ?? waiting
    }
}
