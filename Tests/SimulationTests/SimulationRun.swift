import Distribution
import DistributionTesting

@testable import Orchestrator

/// One seed from its beginning to its check.
struct SimulationRun: Sendable {
    /// What came of one seed.
    struct Outcome: Sendable {
        let seed: UInt64
        let violations: [String]
        let traceHash: UInt64
        let steps: Int
        let lines: [String]
        let coverage: SimulationCoverage
    }

    /// Far more than any world needs.
    private static let stepLimit = 300_000
    /// After the weather has cleared up, in milliseconds: longer than any schedule.
    private static let patience: Int64 = 1_900_000_000

    let world: SimulationWorld

    static func execute(seed: UInt64, _ options: SimulationOptions) -> Outcome {
        SimulationRun(world: SimulationWorld(seed: seed, options: options)).execute()
    }

    private func execute() -> Outcome {
        let window = world.writeScript()
        let executor = world.executor
        Task(executorPreference: executor) { await world.live() }
        let end = executor.run(maxSteps: Self.stepLimit) { next in
            if world.withState({ $0.isOver }) { return true }
            finishWhereQuiet(next, patience: window + Self.patience)
            return false
        }
        if end != .done { world.violate("The world did not come to rest: \(end).") }
        let check = SimulationCheck(world: world)
        check.run()
        let coverage = SimulationCoverage(world: world)
        // Whatever is still waiting ends now, so that a world that hangs leaves nothing behind.
        if end != .done { bury() }
        return Outcome(
            seed: world.seed, violations: world.withState { $0.violations }, traceHash: world.trace.hash,
            steps: executor.steps, lines: world.trace.lines, coverage: coverage)
    }

    /// Ends the world in good order once nothing is left to do, or when it takes too long.
    private func finishWhereQuiet(_ next: Timestamp?, patience: Int64) {
        let executor = world.executor
        guard world.weather.isFair, !world.withState({ $0.isFinishing }) else { return }
        let isPausing = next.map { $0.milliseconds(since: executor.now) >= 300 } ?? true
        let isLate = executor.elapsed > patience
        guard isLate || isPausing && SimulationCheck(world: world).isQuiet || next == nil else { return }
        world.note("the world ends")
        world.withState { $0.isFinishing = true }
        world.stop()
    }

    private func bury() {
        world.withState { state in
            state.isFinishing = true
            return state.epoch
        }?.crash(.processDied)
        _ = world.executor.run(maxSteps: Self.stepLimit) { _ in world.withState { $0.isOver } }
    }
}
