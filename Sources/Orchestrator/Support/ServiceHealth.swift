package import Distribution
import Synchronization

/// What `/ready` tells: whether work can be taken, and why not.
package final class ServiceHealth: Sendable {
    private struct State {
        var broker = BrokerHealth.disconnected(reason: "not connected yet")
        var ledgerFailure: (reason: String, remediation: String)?
        var isStopping = false
        var watchers: [Int: AsyncStream<[String]>.Continuation] = [:]
        var lastWatcher = 0

        var obstacles: [String] {
            var obstacles: [String] = []
            switch broker {
            case .connected: break
            case .blocked(let reason, _): obstacles.append("broker blocked: \(reason)")
            case .disconnected(let reason, _): obstacles.append("broker disconnected: \(reason)")
            }
            if let ledgerFailure { obstacles.append("ledger unavailable: \(ledgerFailure.reason)") }
            if isStopping { obstacles.append("stopping") }
            return obstacles
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// The reasons why the service cannot take work now, sorted; empty when it can.
    package var obstacles: [String] { state.withLock { $0.obstacles } }

    /// The ``obstacles`` now, and again after every change; each call is a subscription of its own.
    package func changes() -> AsyncStream<[String]> {
        let (stream, continuation) = AsyncStream.makeStream(of: [String].self, bufferingPolicy: .bufferingNewest(16))
        let number = state.withLock { state in
            state.lastWatcher += 1
            state.watchers[state.lastWatcher] = continuation
            continuation.yield(state.obstacles)
            return state.lastWatcher
        }
        continuation.onTermination = { [weak self] _ in
            _ = self?.state.withLock { $0.watchers.removeValue(forKey: number) }
        }
        return stream
    }

    /// What an operator can do about the broker, in a sentence; nil where nothing is known, or nothing to be done.
    package var remediation: String? {
        state.withLock { state in
            switch state.broker {
            case .connected: nil
            case .blocked(_, let remediation?): remediation
            case .blocked:
                """
                Free memory or disk space at the broker, or raise its limit (rabbitmqctl status names the alarm). \
                Deliveries go on; what is to be published is kept and goes out by itself.
                """
            case .disconnected(_, let remediation): remediation
            }
        }
    }

    /// What an operator can do about the ledger; nil while it can be written.
    package var ledgerRemediation: String? { state.withLock { $0.ledgerFailure?.remediation } }

    package var isReady: Bool { obstacles.isEmpty }

    package var isBrokerConnected: Bool {
        state.withLock { state in
            if case .connected = state.broker { true } else { false }
        }
    }

    package func brokerChanged(_ health: BrokerHealth) {
        change { $0.broker = health }
    }

    package func ledgerFailed(_ reason: String, remediation: String) {
        change { $0.ledgerFailure = (reason, remediation) }
    }

    package func ledgerAnswered() {
        change { $0.ledgerFailure = nil }
    }

    package func stopping() {
        change { $0.isStopping = true }
    }

    /// Returns once nothing stands in the way of work.
    ///
    /// - Throws: `CancellationError`.
    package func untilReady() async throws {
        for await obstacles in changes() where obstacles.isEmpty { return }
        throw CancellationError()
    }

    private func change(_ body: (inout State) -> Void) {
        state.withLock { state in
            guard !state.watchers.isEmpty else { return body(&state) }
            let before = state.obstacles
            body(&state)
            let obstacles = state.obstacles
            guard obstacles != before else { return }
            for watcher in state.watchers.values { watcher.yield(obstacles) }
        }
    }
}
