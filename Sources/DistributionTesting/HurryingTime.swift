package import Distribution
import Synchronization

/// A clock that moves on by itself whenever it is looked at, once it is told to: what is to end by the clock does so
/// however fast the machine is.
package final class HurryingTime: TimeSource {
    private let base = ManualTime()
    private let state = Mutex((elapsed: Int64(0), pace: Int64(0), commits: [Int64]()))

    package init() {}

    /// From now on each look at the monotonic clock finds it so many milliseconds further.
    package func hurry(by milliseconds: Int64) {
        state.withLock { $0.pace = milliseconds }
    }

    /// Notes that a ledger has committed.
    package func noteCommit() {
        state.withLock { $0.commits.append($0.elapsed) }
    }

    /// How long each commit came after the one before, for those that happen while `body` runs.
    func commits(during body: () async throws -> Void) async rethrows -> [Int64] {
        let start = state.withLock { state in
            state.commits = []
            return state.elapsed
        }
        try await body()
        let commits = state.withLock(\.commits)
        return zip(commits, [start] + commits).map { $0 - $1 }
    }

    package func now() -> Timestamp { base.now() }

    package func monotonicMilliseconds() -> Int64 {
        state.withLock { state in
            state.elapsed += state.pace
            return state.elapsed
        }
    }

    package func sleep(until moment: Timestamp) async throws {
        try await base.sleep(until: moment)
    }
}
