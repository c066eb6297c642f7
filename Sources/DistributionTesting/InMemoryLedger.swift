package import Distribution
import Synchronization

/// A ledger that keeps everything in memory and fails when a test asks it to.
///
/// It keeps the contract of ``Ledger`` (``LedgerContract``), commits each call by itself, and gives out the same ids
/// for the same calls. What a test wants to know is awaited with ``until(_:)``, never polled for.
package final class InMemoryLedger: Sendable {
    /// The calls that can be made to fail.
    package enum Call: Sendable, Hashable {
        case accept, recordRejection, recall, begin, record, closeAbandonedAttempts
        case owed, confirm, reissue
        case targets, keys, views, audit, retention
        case probe
    }

    private struct State {
        var tables: InMemoryTables
        var failures: [Call: [(kind: LedgerError.Kind, obstacle: LedgerObstacle)]] = [:]
        /// Set while nothing can be read or written, and for good once the process is gone.
        var outage: (reason: String, obstacle: LedgerObstacle)?
        /// How often it was tried out.
        var probes = 0
        var hasCrashed = false
        var watchers: [AsyncStream<Void>.Continuation] = []
        var eventWatchers: [AsyncStream<Void>.Continuation] = []
        var freshEvents: [OwedEvent] = []
    }

    private let state: Mutex<State>
    /// The clock by which steps end; they take no time where there is none.
    private let stepTime: (any TimeSource)?
    private let afterCommit: (@Sendable () -> Void)?

    /// - Parameters:
    ///   - stepTime: A clock by which steps of many rows end early.
    ///   - afterCommit: Called after each call, or step of one.
    package convenience init(stepTime: (any TimeSource)? = nil, afterCommit: (@Sendable () -> Void)? = nil) {
        self.init(InMemoryTables(), stepTime: stepTime, afterCommit: afterCommit)
    }

    init(
        _ tables: InMemoryTables, stepTime: (any TimeSource)? = nil, afterCommit: (@Sendable () -> Void)? = nil
    ) {
        state = Mutex(State(tables: tables))
        self.stepTime = stepTime
        self.afterCommit = afterCommit
    }

    /// Jobs that a call moves before it goes on in steps; all of them where steps take no time.
    var sharedPart: Int { stepTime == nil ? .max : 16 }

    // MARK: Faults

    /// Lets the next `count` calls of one sort fail before they change anything.
    package func failNext(
        _ call: Call, times count: Int = 1, as kind: LedgerError.Kind = .unavailable, obstacle: LedgerObstacle = .other
    ) {
        state.withLock { $0.failures[call, default: []] += Array(repeating: (kind, obstacle), count: count) }
    }

    /// Lets every call fail with `reason` until ``recover()``.
    package func becomeUnavailable(_ reason: String = "the disk is full", as obstacle: LedgerObstacle = .full) {
        state.withLock { $0.outage = (reason, obstacle) }
    }

    /// How often it was tried out so far.
    package var probes: Int { state.withLock { $0.probes } }

    package func recover() {
        state.withLock { state in
            if !state.hasCrashed { state.outage = nil }
        }
    }

    /// Ends this process: what it had committed is in the ledger that is returned, which is of the next incarnation;
    /// every further call on this one fails.
    package func crash() -> InMemoryLedger {
        let tables = state.withLock { state in
            state.outage = ("the process has ended", .other)
            state.hasCrashed = true
            return state.tables
        }
        return InMemoryLedger(tables.nextIncarnation(), stepTime: stepTime, afterCommit: afterCommit)
    }

    // MARK: Looking in

    /// Reads without any fault, as a test does behind the back of the service.
    package func inspect<Value>(_ question: (InMemoryTables) throws -> Value) rethrows -> Value {
        let tables = state.withLock { $0.tables }
        return try question(tables)
    }

    /// Returns once a commit has made the condition true; true already counts.
    package func until(_ condition: @Sendable (InMemoryTables) -> Bool) async {
        let (commits, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.watchers.append(continuation) }
        defer { continuation.finish() }
        if inspect(condition) { return }
        for await _ in commits where inspect(condition) { return }
    }

    // MARK: Calls

    /// Performs a step that ends by the clock.
    func performStep<Value>(
        _ call: Call, _ body: (inout InMemoryTables, StepClock?) throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        let clock = stepTime.map { StepClock($0) }
        return try perform(call) { tables throws(LedgerError) in try body(&tables, clock) }
    }

    func perform<Value>(
        _ call: Call, _ body: (inout InMemoryTables) throws(LedgerError) -> Value
    ) throws(LedgerError) -> Value {
        let result: Result<Value, LedgerError> = state.withLock { state in
            if call == .probe { state.probes += 1 }
            if let (reason, obstacle) = state.outage {
                return .failure(LedgerError(kind: .unavailable, message: reason, obstacle: obstacle))
            }
            if var failures = state.failures[call], !failures.isEmpty {
                let (kind, obstacle) = failures.removeFirst()
                state.failures[call] = failures
                return .failure(
                    LedgerError(kind: kind, message: "A test asked for this failure.", obstacle: obstacle))
            }
            var tables = state.tables
            do throws(LedgerError) {
                let value = try body(&tables)
                Self.commit(tables, to: &state)
                afterCommit?()
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private static func commit(_ tables: InMemoryTables, to state: inout State) {
        let newest = state.tables.lastPlace
        let owesNewEvents = tables.lastPlace > newest
        if owesNewEvents { state.freshEvents += tables.events.filter { $0.place > newest } }
        state.tables = tables
        if owesNewEvents { notify(&state.eventWatchers) }
        notify(&state.watchers)
    }

    private static func notify(_ watchers: inout [AsyncStream<Void>.Continuation]) {
        watchers.removeAll { watcher in
            if case .terminated = watcher.yield() { true } else { false }
        }
    }

    package func eventSignals() -> AsyncStream<Void> {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.eventWatchers.append(continuation) }
        return signals
    }

    package func takeFreshEvents() -> [OwedEvent] {
        state.withLock { state in
            defer { state.freshEvents = [] }
            return state.freshEvents
        }
    }

    /// Changes rows behind the back of every rule.
    func tamper(_ body: (inout InMemoryTables) -> Void) {
        state.withLock { body(&$0.tables) }
    }

    /// Forgets the bytes of a job, as a ledger does that is purged.
    package func losePayload(of id: JobID) {
        alter { $0.change(id) { $0.payload = nil } }
    }

    /// Changes rows behind the back of every call.
    func alter(_ body: (inout InMemoryTables) -> Void) {
        state.withLock { body(&$0.tables) }
    }

    /// Forgets the newest events, as a ledger does with too many.
    package func loseFreshEvents() {
        _ = takeFreshEvents()
    }
}
