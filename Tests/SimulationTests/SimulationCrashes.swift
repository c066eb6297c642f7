import Distribution
import DistributionTesting

/// Ends processes of a world at points in the code that chance by the clock would seldom hit.
struct SimulationCrashes: CrashPoints {
    let world: SimulationWorld

    func reached(_ point: CrashPoint) {
        guard point == .retentionStepCommitted, !world.isCalm else { return }
        if world.crashChance.happens(perMille: 20) { world.crash() }
    }
}
