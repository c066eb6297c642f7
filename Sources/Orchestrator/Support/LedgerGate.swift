import Distribution
import Logging
import Synchronization

/// Holds work back while the ledger cannot keep it.
///
/// What must be written is written once the ledger can be: the message behind it stays unsettled meanwhile, so that the
/// prefetch stops consumption by itself and nothing is given back in a loop. While it cannot, nothing new is started, one
/// of those who wait tries it out every two seconds at most, and the outcomes of deliveries go first when it answers.
/// What happens is told once by the log, by `/ready` (``ServiceHealth``) and by the metrics.
final class LedgerGate: Sendable {
    typealias Urgency = LedgerTrouble.Urgency

    /// How consumption is to follow the ledger.
    enum Signal: Sendable, Hashable {
        /// The trouble lasts: nothing is to be consumed, and what waits for its turn goes back.
        case hold
        case resume
    }

    private struct State {
        var trouble = LedgerTrouble()
        var waiters: [Int: AsyncStream<LedgerTrouble.Word>.Continuation] = [:]
        var isHolding = false
    }

    private let ports: Ports
    private let health: ServiceHealth
    private let metrics: OrchestratorMetrics
    private let state = Mutex(State())
    /// Whether the ledger is not well: what every write asks, without a lock.
    private let isTroubled = Atomic(false)
    private let troubles: AsyncStream<Void>
    private let troubleBegan: AsyncStream<Void>.Continuation
    /// For one reader.
    let signals: AsyncStream<Signal>
    private let signal: AsyncStream<Signal>.Continuation

    init(ports: Ports, health: ServiceHealth, metrics: OrchestratorMetrics) {
        self.ports = ports
        self.health = health
        self.metrics = metrics
        (troubles, troubleBegan) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        (signals, signal) = AsyncStream.makeStream(of: Signal.self)
        metrics.ledger(isAvailable: true)
    }

    /// Why the ledger cannot be written; nil while it can.
    var failure: LedgerTrouble.Failure? {
        guard isTroubled.load(ordering: .acquiring) else { return nil }
        return state.withLock { $0.trouble.failure }
    }

    /// Runs a write until the ledger takes it, or a read that what is written depends on.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while waiting, when what came in has waited for ten
    ///   minutes, or when the service stops; a ``LedgerError`` of kind `invalid`, which no waiting can mend.
    func persist<Value: Sendable>(
        _ urgency: Urgency = .upkeep, _ write: @Sendable () async throws(LedgerError) -> Value
    ) async throws -> Value {
        while true {
            let trial = isTroubled.load(ordering: .acquiring) ? try await wait(urgency) : nil
            do throws(LedgerError) {
                let value = try await write()
                leave(trial)
                return value
            } catch {
                guard error.kind == .unavailable else {
                    leave(trial)
                    throw error
                }
                failed(error)
                leave(trial)
            }
        }
    }

    /// Runs a write once, for a caller who can try again: refused at once while the ledger is in trouble.
    func persistNow<Value: Sendable>(
        _ write: @Sendable () async throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        if let failure {
            throw LedgerError(kind: .unavailable, message: failure.message, obstacle: failure.obstacle)
        }
        return try await noticing(write)
    }

    /// Runs a write once that makes room in the ledger, or asks for that: as ``persistNow(_:)``, but tried also where the
    /// ledger has grown to the operator's limit, which nothing else could mend meanwhile.
    func relieveNow<Value: Sendable>(
        _ write: @Sendable () async throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        if let failure, failure.obstacle != .atLimit {
            throw LedgerError(kind: .unavailable, message: failure.message, obstacle: failure.obstacle)
        }
        return try await noticing(write)
    }

    /// As ``relieveNow(_:)``, every now and then until the ledger takes it.
    ///
    /// - Throws: `CancellationError` when the task is cancelled while waiting; a ``LedgerError`` of kind `invalid`.
    func relieve<Value: Sendable>(
        _ write: @Sendable () async throws(LedgerError) -> Value
    ) async throws -> Value {
        var pause = Backoff(initial: 1_000, cap: 30_000)
        while true {
            do throws(LedgerError) {
                return try await relieveNow(write)
            } catch {
                guard error.kind == .unavailable else { throw error }
            }
            try await pause.wait(ports.time, ports.randomness)
        }
    }

    /// Runs a call whatever the ledger's trouble, as a read does that may succeed all the same, and takes note where it
    /// fails.
    func noticing<Value: Sendable>(
        _ call: @Sendable () async throws(LedgerError) -> Value
    ) async throws(LedgerError) -> Value {
        do throws(LedgerError) {
            return try await call()
        } catch {
            if error.kind == .unavailable { failed(error) }
            throw error
        }
    }

    /// Sees to it that a ledger in trouble is tried out also where nobody waits for it, until cancelled.
    func run() async {
        for await _ in troubles {
            while isTroubled.load(ordering: .acquiring), !Task.isCancelled {
                leave(try? await wait(.upkeep))
                // What was tried out may fail again before all is written, with nobody left who waits.
                try? await ports.time.sleep(until: ports.time.now().adding(milliseconds: 1_000))
            }
        }
    }

    /// Lets everybody go who waits for something else than to write an outcome: the service stops.
    func close() {
        state.withLock { state in dismiss(state.trouble.close(), &state) }
    }

    // MARK: Waiting

    /// - Returns: The number to leave with.
    private func wait(_ urgency: Urgency) async throws -> Int {
        let (words, continuation) = AsyncStream.makeStream(of: LedgerTrouble.Word.self)
        let id = state.withLock { state in
            let (id, word) = state.trouble.enter(urgency, at: ports.time.now())
            state.waiters[id] = continuation
            if let word { continuation.yield(word) }
            return id
        }
        waiting: for await word in words {
            switch word {
            case .go: return id
            case .lead: try? await lead(id)
            case .dismiss: break waiting
            }
        }
        leave(id)
        throw CancellationError()
    }

    /// Tries the ledger out until it answers, or somebody else is to.
    private func lead(_ id: Int) async throws {
        while state.withLock({ $0.trouble.isLed(by: id) }) {
            let probes = state.withLock { $0.trouble.probing() }
            var pause = Backoff(initial: min(100 << Int64(min(probes, 5)), 2_000), cap: 2_000)
            try await pause.wait(ports.time, ports.randomness)
            do throws(LedgerError) {
                try await ports.ledger.probe()
                return state.withLock { state in
                    let (go, news) = state.trouble.proved(at: ports.time.now())
                    tell(go, .go, &state)
                    follow(news, &state)
                }
            } catch {
                failed(error)
                state.withLock { state in dismiss(state.trouble.overdue(at: ports.time.now()), &state) }
            }
        }
    }

    private func leave(_ id: Int?) {
        guard let id else { return }
        state.withLock { state in
            state.waiters.removeValue(forKey: id)?.finish()
            let (go, leader, news) = state.trouble.left(id)
            tell(go, .go, &state)
            if let leader { tell([leader], .lead, &state) }
            follow(news, &state)
        }
    }

    private func dismiss(_ change: (dismissed: [Int], leader: Int?), _ state: inout State) {
        tell(change.dismissed, .dismiss, &state)
        if let leader = change.leader { tell([leader], .lead, &state) }
    }

    private func tell(_ ids: [Int], _ word: LedgerTrouble.Word, _ state: inout State) {
        for id in ids { state.waiters[id]?.yield(word) }
    }

    // MARK: Telling

    private func failed(_ error: LedgerError) {
        metrics.ledgerFailed(error.obstacle)
        state.withLock { state in follow(state.trouble.failed(error, at: ports.time.now()), &state) }
    }

    private func follow(_ news: LedgerTrouble.News?, _ state: inout State) {
        switch news {
        case nil: break
        case .began(let failure)?:
            isTroubled.store(true, ordering: .releasing)
            metrics.ledger(isAvailable: false)
            tell(of: failure)
            troubleBegan.yield()
        case .changed(let failure)?: tell(of: failure)
        case .lasting?:
            state.isHolding = true
            signal.yield(.hold)
        case .ended(let failure, let failedWrites)?:
            isTroubled.store(false, ordering: .releasing)
            metrics.ledger(isAvailable: true)
            health.ledgerAnswered()
            ports.logger.notice(
                "The ledger can be written again; everything goes on.",
                metadata: [
                    "cause": "\(failure.obstacle.rawValue)", "failedWrites": "\(failedWrites)",
                    "afterMilliseconds": "\(ports.time.now().milliseconds(since: failure.since))",
                ])
            if state.isHolding { signal.yield(.resume) }
            state.isHolding = false
        }
    }

    private func tell(of failure: LedgerTrouble.Failure) {
        let remediation = Remediation.sentence(for: failure.obstacle)
        health.ledgerFailed(failure.message, remediation: remediation)
        ports.logger.error(
            "The ledger cannot be written; nothing new is started until it can.",
            metadata: [
                "cause": "\(failure.obstacle.rawValue)", "error": "\(failure.message)", "remediation": "\(remediation)",
            ])
    }
}
