package import Distribution

/// The clock of a simulated world. Sleepers may wake late, as on a busy machine, and never early.
package struct SimulatedTime: TimeSource {
    private let executor: SimulationExecutor
    private let chance: SeededRandomness

    package init(executor: SimulationExecutor, chance: SeededRandomness) {
        self.executor = executor
        self.chance = chance
    }

    package func now() -> Timestamp { executor.now }

    package func monotonicMilliseconds() -> Int64 { executor.elapsed }

    package func sleep(until moment: Timestamp) async throws {
        try Task.checkCancellation()
        guard moment > executor.now else { return }
        let waking = moment.adding(milliseconds: chance.happens(perMille: 50) ? Int64(chance.below(20)) : 0)
        // Nobody cancels between here and the continuation: everything runs on one thread.
        let timer = Box<SimulationExecutor.TimerID>()
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                timer.set(
                    executor.schedule(at: waking) { isCancelled in
                        if isCancelled {
                            continuation.resume(throwing: CancellationError())
                        } else {
                            continuation.resume()
                        }
                    })
            }
        } onCancel: {
            if let timer = timer.get() { executor.cancel(timer) }
        }
    }

    /// Sleeps so many milliseconds, or until cancelled.
    package func pause(_ milliseconds: Int64) async {
        guard milliseconds > 0 else { return }
        try? await sleep(until: now().adding(milliseconds: milliseconds))
    }
}
