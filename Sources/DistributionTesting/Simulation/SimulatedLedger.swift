package import Distribution
import Synchronization

/// The ledger of one process in a simulated world: one writer with group commit over a ``SimulatedDisk``, slow and
/// failing as the seed decides.
///
/// It keeps the contract of ``Ledger``: calls take effect in the order they were made, each returns after the commit that
/// it shared, and a commit that fails has written nothing, as far as this process can tell. ``run()`` must be running.
package final class SimulatedLedger: Sendable {
    enum Durability: Sendable {
        /// Survives the process, but not a power cut.
        case relaxed
        case full
    }

    /// One call, waiting for the next commit.
    private struct Item: Sendable {
        let durability: Durability
        /// Runs on rows that are not committed yet; what it returns tells the caller, once it is known, how that went.
        let perform: @Sendable (InMemoryLedger) async -> (@Sendable (LedgerError?) -> Void)
        let fail: @Sendable (LedgerError) -> Void
    }

    private struct State {
        var items: [Item] = []
        var isDead = false
        var fresh: [OwedEvent] = []
        /// By retention, in the commit that is being made.
        var takes: [RetentionTake] = []
        var watchers: [AsyncStream<Void>.Continuation] = []
    }

    static let batchLimit = 512

    let disk: SimulatedDisk
    let flaw: SimulationFlaw?
    private let weather: SimulationWeather
    private let time: SimulatedTime
    private let chance: SeededRandomness
    private let trace: SimulationTrace
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    package init(
        disk: SimulatedDisk, weather: SimulationWeather, time: SimulatedTime, chance: SeededRandomness,
        trace: SimulationTrace, flaw: SimulationFlaw? = nil
    ) {
        self.disk = disk
        self.weather = weather
        self.time = time
        self.chance = chance
        self.trace = trace
        self.flaw = flaw
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Ends the process: every further call fails, and so do those under way; whether the commit that they share is
    /// written all the same, the seed decides.
    package func die() {
        let items = state.withLock { state in
            state.isDead = true
            defer { state.items = [] }
            return state.items
        }
        for item in items { item.fail(.processEnded) }
        signal.finish()
    }

    /// Commits until cancelled.
    package func run() async {
        for await _ in signals {
            while let batch = takeBatch() { await commit(batch) }
        }
        while let batch = takeBatch() {
            for item in batch { item.fail(.processEnded) }
        }
    }

    // MARK: Calls

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (InMemoryLedger) async throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        if chance.happens(perMille: 200) { await time.pause(Int64(chance.within(1...5))) }
        guard !state.withLock({ $0.isDead }) else { throw .processEnded }
        if disk.outage == .all || weather.happens(perMille: 10) { throw .simulated("The disk cannot be read.") }
        return try await body(InMemoryLedger(disk.tables))
    }

    func write<Value: Sendable>(
        _ durability: Durability = .full,
        _ body: @escaping @Sendable (InMemoryLedger) async throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        let result: Result<Value, LedgerError> = await withCheckedContinuation { continuation in
            submit(
                Item(durability: durability) { ledger in
                    let result: Result<Value, LedgerError>
                    do throws(LedgerError) {
                        result = .success(try await body(ledger))
                    } catch {
                        result = .failure(error)
                    }
                    return { failure in
                        continuation.resume(returning: failure.map { .failure($0) } ?? result)
                    }
                } fail: { failure in
                    continuation.resume(returning: .failure(failure))
                })
        }
        return try result.get()
    }

    /// Lets retention make a step, and has the disk remember what that took.
    func retain(
        _ step: @escaping @Sendable (InMemoryLedger) async throws(LedgerError) -> RetentionStep
    ) async throws(LedgerError) -> RetentionStep {
        try await write(.relaxed) { ledger throws(LedgerError) in
            let before = ledger.inspect { $0 }
            let done = try await step(ledger)
            guard done.rows > 0 else { return done }
            let take = RetentionTake(from: before, to: ledger.inspect { $0 }, at: self.time.now())
            self.state.withLock { $0.takes.append(take) }
            return done
        }
    }

    private func submit(_ item: Item) {
        let isDead = state.withLock { state in
            if !state.isDead { state.items.append(item) }
            return state.isDead
        }
        if isDead { item.fail(.processEnded) } else { signal.yield() }
    }

    // MARK: Commits

    private func takeBatch() -> [Item]? {
        state.withLock { state in
            guard !state.items.isEmpty else { return nil }
            let batch = Array(state.items.prefix(Self.batchLimit))
            state.items.removeFirst(batch.count)
            return batch
        }
    }

    private func commit(_ batch: [Item]) async {
        let before = disk.tables
        let scratch = InMemoryLedger(before)
        var tellings: [@Sendable (LedgerError?) -> Void] = []
        for item in batch { tellings.append(await item.perform(scratch)) }
        let tables = scratch.inspect { $0 }
        let events = scratch.takeFreshEvents()
        let takes = state.withLock { state in
            defer { state.takes = [] }
            return state.takes
        }
        // What owes an event needs a durable commit, whoever asked for it.
        let isForced = !events.isEmpty || batch.contains { $0.durability == .full }
        let commit = SimulatedDisk.Commit(tables: tables, events: events, takes: takes, isForced: isForced)
        if flaw == .acknowledgesBeforeCommit {
            for telling in tellings { telling(nil) }
            tellings = []
        }
        let failure = await force(commit)
        trace.note(
            Int64(batch.count),
            "\(time.now().milliseconds) commit of \(batch.count): \(failure?.message ?? "done"), \(events.count) events"
        )
        for telling in tellings { telling(failure) }
        if failure == nil { publish(events) }
    }

    /// - Returns: Why it failed; nil once it is committed.
    private func force(_ commit: SimulatedDisk.Commit) async -> LedgerError? {
        let latency = weather.happens(perMille: 50) ? chance.within(20...500) : chance.below(4)
        if latency > 0 { await time.pause(Int64(latency)) }
        guard !state.withLock({ $0.isDead }) else {
            if chance.happens(perMille: 500) { disk.commit(commit) }
            return .processEnded
        }
        if disk.outage != nil { return .simulated("The disk is full.") }
        if weather.happens(perMille: 20) {
            if chance.happens(perMille: 300) { disk.tear(commit) }
            return .simulated("The disk has failed once.")
        }
        disk.commit(commit)
        return nil
    }

    private func publish(_ events: [OwedEvent]) {
        guard !events.isEmpty else { return }
        state.withLock { state in
            if weather.happens(perMille: 30) {
                // As a ledger forgets whose reader has fallen behind.
                state.fresh = []
            } else {
                state.fresh += events
            }
            state.watchers.removeAll { watcher in
                if case .terminated = watcher.yield() { true } else { false }
            }
        }
    }

    package func eventSignals() -> AsyncStream<Void> {
        let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.watchers.append(continuation) }
        return signals
    }

    package func takeFreshEvents() -> [OwedEvent] {
        let events = state.withLock { state in
            defer { state.fresh = [] }
            return state.fresh
        }
        if flaw == .deletesBeforeConfirm { forget(events) }
        return events
    }

    /// The deliberate bug: what was handed out is no longer owed.
    func forget(_ events: [OwedEvent]) {
        guard let last = events.last?.place else { return }
        submit(
            Item(durability: .relaxed) { ledger in
                try? await ledger.confirmEvents(through: last)
                return { _ in }
            } fail: { _ in
            })
    }
}

extension LedgerError {
    fileprivate static let processEnded = LedgerError(kind: .unavailable, message: "The process has ended.")

    fileprivate static func simulated(_ message: String) -> LedgerError {
        LedgerError(kind: .unavailable, message: message)
    }
}
