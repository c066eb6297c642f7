import Distribution
import DistributionTesting

/// Hears how far a process has come, and ends it at points in the code that chance by the clock would seldom hit.
struct SimulationCrashes: CrashPoints {
    let world: SimulationWorld

    func reached(_ point: CrashPoint) {
        switch point {
        case .recovered: world.withState { $0.hasRecovered = true }
        case .retentionStepCommitted where !world.isCalm:
            if world.crashChance.happens(perMille: 20) { world.crash() }
        default: break
        }
    }
}
