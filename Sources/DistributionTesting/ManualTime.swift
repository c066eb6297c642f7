package import Distribution
import Synchronization

/// A clock that stands still until a test moves it.
///
/// Sleepers wake in the order of their moments, those of one moment in the order in which they lay down.
package final class ManualTime: TimeSource {
    private struct Sleeper {
        let id: Int
        let moment: Timestamp
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        let id: Int
        let sleepers: Int
        let continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Timestamp
        var elapsed: Int64 = 0
        var nextID = 0
        var sleepers: [Sleeper] = []
        var cancelled: Set<Int> = []
        var watchers: [Watcher] = []

        mutating func takeSatisfiedWatchers() -> [Watcher] {
            let satisfied = watchers.filter { $0.sleepers <= sleepers.count }
            watchers.removeAll { $0.sleepers <= sleepers.count }
            return satisfied
        }
    }

    private let state: Mutex<State>

    /// - Parameter start: 2026-04-06T10:00:00.000Z unless it matters.
    package init(_ start: Timestamp = Timestamp(milliseconds: 1_775_469_600_000)) {
        state = Mutex(State(now: start))
    }

    package func now() -> Timestamp {
        state.withLock { $0.now }
    }

    package func monotonicMilliseconds() -> Int64 {
        state.withLock { $0.elapsed }
    }

    /// Moves both clocks on and wakes whoever's moment has come.
    package func advance(by milliseconds: Int64) {
        let due = state.withLock { state in
            state.now = state.now.adding(milliseconds: milliseconds)
            state.elapsed += milliseconds
            let now = state.now
            let due = state.sleepers.filter { $0.moment <= now }.sorted { ($0.moment, $0.id) < ($1.moment, $1.id) }
            state.sleepers.removeAll { $0.moment <= now }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    /// Moves on to the earliest moment that somebody sleeps for, and wakes them.
    ///
    /// - Returns: false where nobody sleeps.
    @discardableResult
    package func advanceToNextSleeper() -> Bool {
        let wait = state.withLock { state in
            state.sleepers.map(\.moment).min().map { $0.milliseconds(since: state.now) }
        }
        guard let wait else { return false }
        advance(by: wait)
        return true
    }

    /// Sets the clock of the day alone, as an operator does; the monotonic one goes on undisturbed.
    package func set(_ moment: Timestamp) {
        state.withLock { $0.now = moment }
        advance(by: 0)
    }

    /// How many sleep now.
    package var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Returns once so many sleep, so that a test moves the clock neither before nor by guess; or when it is cancelled, as
    /// by its time limit.
    package func waitForSleepers(_ count: Int = 1) async {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let satisfied = state.withLock { state in
                    state.watchers.append(
                        Watcher(id: id, sleepers: Task.isCancelled ? 0 : count, continuation: continuation))
                    return state.takeSatisfiedWatchers()
                }
                for watcher in satisfied { watcher.continuation.resume() }
            }
        } onCancel: {
            let watcher: Watcher? = state.withLock { state in
                guard let index = state.watchers.firstIndex(where: { $0.id == id }) else { return nil }
                return state.watchers.remove(at: index)
            }
            watcher?.continuation.resume()
        }
    }

    package func sleep(until moment: Timestamp) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        defer { state.withLock { _ = $0.cancelled.remove(id) } }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                lieDown(Sleeper(id: id, moment: moment, continuation: continuation))
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func lieDown(_ sleeper: Sleeper) {
        enum Step {
            case wake, fail
            case sleep([Watcher])
        }
        let step: Step = state.withLock { state in
            if state.cancelled.remove(sleeper.id) != nil { return .fail }
            guard sleeper.moment > state.now else { return .wake }
            state.sleepers.append(sleeper)
            return .sleep(state.takeSatisfiedWatchers())
        }
        switch step {
        case .wake: sleeper.continuation.resume()
        case .fail: sleeper.continuation.resume(throwing: CancellationError())
        case .sleep(let satisfied): for watcher in satisfied { watcher.continuation.resume() }
        }
    }

    private func cancel(_ id: Int) {
        let sleeper: Sleeper? = state.withLock { state in
            guard let index = state.sleepers.firstIndex(where: { $0.id == id }) else {
                state.cancelled.insert(id)
                return nil
            }
            return state.sleepers.remove(at: index)
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
