import DistributionTesting

@testable import Orchestrator

/// How old things get in a world with retention, in milliseconds: days are seconds there, so that much of what goes wrong
/// goes wrong while something becomes too old.
struct SimulationAges: Sendable {
    let letters: Int64
    let plans: Int64
    let interval: Int64

    /// - Returns: nil where this world has no retention.
    init?(seed: UInt64) {
        // Chance of its own: the worlds without it stay as they are.
        let chance = SeededRandomness(seed: seed ^ 0xA6E5)
        guard chance.happens(perMille: 350) else { return nil }
        letters = chance.element(of: [2_000, 5_000, 15_000]) ?? 0
        plans = letters * Int64(chance.within(1...2))
        interval = chance.element(of: [3_000, 8_000, 20_000]) ?? 0
    }

    /// Until what has just ended is gone.
    var life: Int64 { plans + 2 * interval }

    func set(_ settings: inout OrchestratorSettings) {
        settings.retentionIntervalMilliseconds = interval
        settings.deadLetterRetentionMilliseconds = letters
        settings.retentionMilliseconds = plans
    }
}
