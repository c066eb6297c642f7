import Synchronization

/// Whether anything goes wrong now: chance for what may fail, none at all once it has been declared fair.
package final class SimulationWeather: Sendable {
    private struct State {
        var isFair = false
        /// In percent of what callers ask for.
        var severity: Int
    }

    private let chance: SeededRandomness
    private let state: Mutex<State>

    /// - Parameter severity: How often things fail, in percent of the usual; 0 never.
    package init(chance: SeededRandomness, severity: Int) {
        self.chance = chance
        state = Mutex(State(severity: severity))
    }

    package var isFair: Bool { state.withLock { $0.isFair } }

    /// Ends all misfortune for good.
    package func clearUp() {
        state.withLock { $0.isFair = true }
    }

    /// Whether something goes wrong that does so this often in the usual weather.
    package func happens(perMille: Int) -> Bool {
        let severity = state.withLock { $0.isFair ? 0 : $0.severity }
        return severity > 0 && chance.happens(perMille: perMille * severity / 100)
    }
}
