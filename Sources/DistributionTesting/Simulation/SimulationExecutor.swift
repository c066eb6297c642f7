package import Distribution
import Synchronization

/// Runs tasks one at a time on the thread that calls ``run(maxSteps:whenIdle:)``, in an order that the seed decides, over
/// a clock that moves only when nothing is ready.
///
/// Two runs of one seed do the same, step by step, as long as everything that runs stays here: structured tasks below a
/// root task with this executor preference, default actors, streams and continuations. An unstructured `Task {}`, a
/// system clock or another thread breaks that.
package final class SimulationExecutor: TaskExecutor {
    package enum End: Sendable, Hashable {
        /// The condition has come true.
        case done
        /// Nothing is ready and nobody waits for a moment.
        case stalled
        /// As many steps were made as were allowed.
        case exhausted
    }

    /// Names one timer.
    package struct TimerID: Sendable, Hashable {
        fileprivate let number: Int
    }

    private struct Timer: Sendable {
        let id: TimerID
        let moment: Timestamp
        /// Decides between timers of one moment.
        let tie: UInt64
        let action: @Sendable (_ isCancelled: Bool) -> Void
    }

    private struct State: Sendable {
        var now: Timestamp
        var ready: [UnownedJob] = []
        /// The next one last.
        var timers: [Timer] = []
        var lastID = 0
        var steps = 0
    }

    private enum Step: Sendable {
        case job(UnownedJob)
        case timer(Timer)
        case idle(next: Timestamp?)
    }

    private let chance: SeededRandomness
    private let trace: SimulationTrace
    private let start: Timestamp
    private let state: Mutex<State>

    package init(chance: SeededRandomness, trace: SimulationTrace, start: Timestamp = Sample.now) {
        self.chance = chance
        self.trace = trace
        self.start = start
        state = Mutex(State(now: start))
    }

    package var now: Timestamp { state.withLock { $0.now } }
    /// Milliseconds since the world began.
    package var elapsed: Int64 { now.milliseconds(since: start) }
    package var steps: Int { state.withLock { $0.steps } }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.ready.append(job) }
    }

    // MARK: Timers

    /// Calls `action` on the running thread once the moment has come, or at once when it is cancelled.
    @discardableResult
    package func schedule(
        at moment: Timestamp, _ action: @escaping @Sendable (_ isCancelled: Bool) -> Void
    ) -> TimerID {
        let tie = chance.next()
        return state.withLock { state in
            state.lastID += 1
            let timer = Timer(
                id: TimerID(number: state.lastID), moment: max(moment, state.now), tie: tie, action: action)
            let place = state.timers.firstIndex { ($0.moment, $0.tie) < (timer.moment, timer.tie) }
            state.timers.insert(timer, at: place ?? state.timers.endIndex)
            return timer.id
        }
    }

    /// Calls `action` after so many milliseconds.
    package func schedule(after milliseconds: Int64, _ action: @escaping @Sendable () -> Void) {
        schedule(at: now.adding(milliseconds: milliseconds)) { _ in action() }
    }

    /// Ends a timer early; does nothing where it has fired.
    package func cancel(_ id: TimerID) {
        let timer: Timer? = state.withLock { state in
            state.timers.firstIndex { $0.id == id }.map { state.timers.remove(at: $0) }
        }
        timer?.action(true)
    }

    // MARK: Running

    /// - Parameters:
    ///   - maxSteps: Jobs and timers that may run before this gives up.
    ///   - whenIdle: Called before the clock moves, with the moment that it would move to; says whether this is the end.
    ///     Where it has made something ready, that goes first.
    package func run(maxSteps: Int, whenIdle: (_ next: Timestamp?) -> Bool) -> End {
        let executor = asUnownedTaskExecutor()
        for _ in 0..<maxSteps {
            switch take(mayAdvance: false) {
            case .job(let job): job.runSynchronously(on: executor)
            case .timer(let timer): timer.action(false)
            case .idle(let next):
                if whenIdle(next) { return .done }
                switch take(mayAdvance: true) {
                case .job(let job): job.runSynchronously(on: executor)
                case .timer(let timer): timer.action(false)
                case .idle: return .stalled
                }
            }
        }
        return .exhausted
    }

    /// A random one of what is ready; else the next timer, whose moment becomes the present where it may.
    private func take(mayAdvance: Bool) -> Step {
        let step: (Step, Int64) = state.withLock { state in
            if !state.ready.isEmpty {
                let place = chance.below(state.ready.count)
                let last = state.ready.count - 1
                state.ready.swapAt(place, last)
                state.steps += 1
                return (.job(state.ready.removeLast()), Int64(place << 16 | last))
            }
            guard let next = state.timers.last else { return (.idle(next: nil), 0) }
            guard next.moment <= state.now || mayAdvance else { return (.idle(next: next.moment), 0) }
            state.now = max(state.now, next.moment)
            state.steps += 1
            return (.timer(state.timers.removeLast()), next.moment.milliseconds)
        }
        if case .idle = step.0 { return step.0 }
        trace.mix(step.1)
        return step.0
    }
}
