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

    /// What several tasks tell of.
    private struct State {
        var window = RelayWindow(eagerLimit: EventRelay.eagerLimit)
        /// The ledger has said that it owes events, and nobody has asked which.
        var isSignalled = false
    }

    /// Where the next events come from, which only the one who publishes knows.
    private struct Supply {
        /// At hand and next to leave; without a gap behind what has left.
        var atHand: ArraySlice<OwedEvent> = []
        /// Events are to be read from the ledger.
        var isBehind = true
        var backoff = Supply.patience

        static let patience = Backoff(initial: 100, cap: 1_000)
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
            var supply = Supply()
            for await _ in wakes {
                do {
                    while let batch = try await nextBatch(&supply) {
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
    private func nextBatch(_ supply: inout Supply) async throws -> (events: [OutgoingEvent], number: Int)? {
        if state.withLock({ $0.window.mustRewind }) {
            try await supply.backoff.wait(ports.time, ports.randomness)
            state.withLock { $0.window.rewind() }
            (supply.atHand, supply.isBehind) = ([], true)
        }
        let window = state.withLock { $0.window }
        guard window.isOpen else { return nil }
        if window.confirmed == window.left { supply.backoff = Supply.patience }
        // Only who publishes moves it on: it stands until the batch has left.
        if supply.atHand.isEmpty { try await refill(&supply, after: window.left) }
        let batch = supply.atHand.prefix(Self.batchLimit)
        guard let last = batch.last else { return nil }
        supply.atHand = supply.atHand.dropFirst(batch.count)
        return (batch.map(\.event), state.withLock { $0.window.leave(batch.count, through: last.place) })
    }

    /// Takes what the ledger has at hand, where it follows on what has left; otherwise reads what it owes.
    private func refill(_ supply: inout Supply, after left: Int64) async throws {
        let isSignalled = state.withLock { state in
            defer { state.isSignalled = false }
            return state.isSignalled
        }
        if isSignalled, !supply.isBehind {
            let fresh = ports.ledger.takeFreshEvents()
            let next = fresh.drop { $0.place <= left }
            if !fresh.isEmpty, next.first.map({ $0.place == left + 1 }) ?? true {
                supply.atHand = next
            } else {
                supply.isBehind = true
            }
        }
        guard supply.isBehind else { return }
        supply.atHand = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.owedEvents(after: left, limit: Self.batchLimit)
        }[...]
        // What is committed from now on is at hand, or told of.
        if supply.atHand.isEmpty { supply.isBehind = false }
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
