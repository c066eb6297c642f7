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
    /// After the weather has cleared up, in milliseconds: longer than any schedule, of which those are shorter in worlds
    /// that look for what is too old every few seconds.
    private var patience: Int64 { world.ages == nil ? 1_900_000_000 : 1_800_000 }
    /// How long it has to be quiet, in milliseconds.
    private static let rest: Int64 = 2_500

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
            finishWhereQuiet(next, patience: window + patience)
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

    /// Ends the world in good order once nothing has been left to do for a while, or when it takes too long.
    private func finishWhereQuiet(_ next: Timestamp?, patience: Int64) {
        let executor = world.executor
        guard world.weather.isFair, !world.withState({ $0.isFinishing }) else { return }
        let isPausing = next.map { $0.milliseconds(since: executor.now) >= 300 } ?? true
        guard executor.elapsed <= patience, isPausing else {
            if executor.elapsed > patience { finish() }
            return
        }
        guard SimulationCheck(world: world, restoresRemoved: false).isQuiet else {
            world.withState { $0.quietSince = nil }
            if next == nil { finish() }
            return
        }
        let now = executor.now
        let since = world.withState { state in
            let since = state.quietSince ?? now
            state.quietSince = since
            return since
        }
        // A publisher may have a stale copy in memory, which it sends a moment later.
        let rest = Self.rest + (world.ages?.life ?? 0)
        if now.milliseconds(since: since) >= rest { return finish() }
        executor.schedule(at: since.adding(milliseconds: rest)) { _ in }
    }

    private func finish() {
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
