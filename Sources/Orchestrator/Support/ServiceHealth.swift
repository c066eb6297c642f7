package import Distribution
import Synchronization

/// What `/ready` tells: whether work can be taken, and why not.
package final class ServiceHealth: Sendable {
    private struct State {
        var broker = BrokerHealth.disconnected(reason: "not connected yet")
        var ledgerFailure: String?
        var isStopping = false
    }

    private let state = Mutex(State())

    package init() {}

    /// The reasons why the service cannot take work now, sorted; empty when it can.
    package var obstacles: [String] {
        state.withLock { state in
            var obstacles: [String] = []
            switch state.broker {
            case .connected: break
            case .blocked(let reason): obstacles.append("broker blocked: \(reason)")
            case .disconnected(let reason, _): obstacles.append("broker disconnected: \(reason)")
            }
            if let failure = state.ledgerFailure { obstacles.append("ledger unavailable: \(failure)") }
            if state.isStopping { obstacles.append("stopping") }
            return obstacles
        }
    }

    /// What an operator can do about the broker, in a sentence; nil where nothing is known, or nothing to be done.
    package var remediation: String? {
        state.withLock { state in
            switch state.broker {
            case .connected: nil
            case .blocked:
                """
                Free memory or disk space at the broker, or raise its limit (rabbitmqctl status names the alarm). \
                Deliveries go on; what is to be published is kept and goes out by itself.
                """
            case .disconnected(_, let remediation): remediation
            }
        }
    }

    package var isReady: Bool { obstacles.isEmpty }

    package var isBrokerConnected: Bool {
        state.withLock { state in
            if case .connected = state.broker { true } else { false }
        }
    }

    package func brokerChanged(_ health: BrokerHealth) {
        state.withLock { $0.broker = health }
    }

    package func ledgerFailed(_ reason: String) {
        state.withLock { $0.ledgerFailure = reason }
    }

    package func ledgerAnswered() {
        state.withLock { $0.ledgerFailure = nil }
    }

    package func stopping() {
        state.withLock { $0.isStopping = true }
    }

    /// Returns once nothing stands in the way of work; looks every 20 ms, which only a start waits for.
    ///
    /// - Throws: `CancellationError`.
    package func untilReady() async throws {
        while !isReady { try await Task.sleep(for: .milliseconds(20)) }
    }
}
