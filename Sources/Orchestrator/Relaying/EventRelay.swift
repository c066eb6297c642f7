import Distribution
import Logging
import Synchronization

/// Publishes owed events in the order in which they were committed.
///
/// A batch that was not confirmed whole is published again, with all that had left behind it, before anything else: only
/// around a broker failure may an event come twice or after a later one.
///
/// Events come from memory right after the commit that owes them; from the ledger on start, after a failure, and whenever
/// the relay has fallen behind.
final class EventRelay: Sendable {
    private static let batchLimit = 512
    /// Events under way below which others do not wait for their confirm.
    private static let eagerLimit = 16

    private struct State {
        var window = RelayWindow(eagerLimit: EventRelay.eagerLimit)
        /// At hand and next to leave; without a gap behind what has left.
        var atHand: ArraySlice<OwedEvent> = []
        /// The ledger has said that it owes events, and nobody has asked which.
        var isSignalled = false
        /// Events are to be read from the ledger.
        var isBehind = true
    }

    private let ports: Ports
    private let gate: LedgerGate
    private let metrics: OrchestratorMetrics
    private let confirmations: DeferredWrite<Int64>
    private let state = Mutex(State())
    private let wakes: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init(ports: Ports, gate: LedgerGate, settings: OrchestratorSettings, metrics: OrchestratorMetrics) {
        self.ports = ports
        self.gate = gate
        self.metrics = metrics
        confirmations = DeferredWrite(
            ports: ports, gate: gate, delayMilliseconds: settings.confirmDelayMilliseconds
        ) { places throws(LedgerError) in
            if let last = places.max() { try await ports.ledger.confirmEvents(through: last) }
            ports.crashPoints?.reached(.eventsDeleted)
        }
        (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Publishes until cancelled.
    func run() async {
        let signals = ports.ledger.eventSignals()
        wake.yield()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.confirmations.run() }
            group.addTask {
                for await _ in signals {
                    self.state.withLock { $0.isSignalled = true }
                    self.wake.yield()
                }
            }
            var backoff = Backoff(initial: 100, cap: 1_000)
            for await _ in wakes {
                do {
                    while let batch = try await nextBatch(&backoff) {
                        group.addTask { await self.publish(batch.events, number: batch.number) }
                    }
                } catch {
                    guard !(error is CancellationError) else { return }
                    ports.logger.error("Owed events could not be read.", metadata: ["error": "\(error)"])
                }
            }
        }
    }

    // MARK: What leaves next

    /// - Returns: nil where nothing may leave now, or nothing is owed; whoever changes that wakes the relay.
    private func nextBatch(_ backoff: inout Backoff) async throws -> (events: [OutgoingEvent], number: Int)? {
        if state.withLock({ $0.window.mustRewind }) {
            try await backoff.wait(ports.time, ports.randomness)
            state.withLock { state in
                state.window.rewind()
                (state.atHand, state.isBehind) = ([], true)
            }
        }
        guard state.withLock({ $0.window.isOpen }) else { return nil }
        if state.withLock({ $0.window.confirmed == $0.window.left }) { backoff = Backoff(initial: 100, cap: 1_000) }
        takeFresh()
        if state.withLock({ $0.atHand.isEmpty && $0.isBehind }) { try await readOwed() }
        return state.withLock { state in
            let batch = state.atHand.prefix(Self.batchLimit)
            guard let last = batch.last else { return nil }
            state.atHand = state.atHand.dropFirst(batch.count)
            return (batch.map(\.event), state.window.leave(batch.count, through: last.place))
        }
    }

    /// Takes what the ledger has at hand, where it follows on what has left.
    private func takeFresh() {
        let left: Int64? = state.withLock { state in
            guard state.isSignalled, state.atHand.isEmpty, !state.isBehind else { return nil }
            state.isSignalled = false
            return state.window.left
        }
        guard let left else { return }
        let fresh = ports.ledger.takeFreshEvents()
        let next = fresh.drop { $0.place <= left }
        let followsOn = !fresh.isEmpty && (next.first.map { $0.place == left + 1 } ?? true)
        state.withLock { state in
            if followsOn { state.atHand = next } else { state.isBehind = true }
        }
    }

    private func readOwed() async throws {
        let left = state.withLock { state in
            state.isSignalled = false
            return state.window.left
        }
        let owed = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.owedEvents(after: left, limit: Self.batchLimit)
        }
        state.withLock { state in
            state.atHand = owed[...]
            // What is committed from now on is at hand, or told of.
            if owed.isEmpty { state.isBehind = false }
        }
    }

    // MARK: A batch

    private func publish(_ events: [OutgoingEvent], number: Int) async {
        ports.crashPoints?.reached(.eventsTaken)
        let publications = await ports.broker.publish(events: events) {
            self.state.withLock { $0.window.wasSent(number) }
            self.wake.yield()
        }
        let isConfirmed = publications.allSatisfy { $0 == .confirmed }
        if isConfirmed {
            ports.crashPoints?.reached(.eventsConfirmed)
            metrics.eventsPublished(events.count)
        }
        let confirmed = state.withLock { state in
            state.window.end(number, isConfirmed: isConfirmed) ? state.window.confirmed : nil
        }
        wake.yield()
        guard let confirmed else { return }
        do {
            try await confirmations.note([confirmed])
        } catch {
            guard !(error is CancellationError) else { return }
            ports.logger.error("Confirms could not be noted.", metadata: ["error": "\(error)"])
        }
    }
}
