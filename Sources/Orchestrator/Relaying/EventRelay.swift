import Distribution
import Logging

/// Publishes owed events in the order in which they were committed; a batch that was not confirmed whole is published
/// again before the next, so only around a broker failure may an event come twice.
///
/// Events come from memory right after the commit that owes them; from the ledger on start, and whenever the relay has
/// fallen behind.
struct EventRelay: Sendable {
    private static let batchLimit = 512

    private let ports: Ports
    private let gate: LedgerGate
    private let metrics: OrchestratorMetrics
    private let confirmations: DeferredWrite<Int64>

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
    }

    /// Publishes until cancelled.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await confirmations.run() }
            group.addTask { await publish() }
        }
    }

    private func publish() async {
        let signals = ports.ledger.eventSignals()
        var published: Int64 = 0
        await publishOwed(after: &published)
        for await _ in signals {
            await publishOwed(after: &published)
        }
    }

    private func publishOwed(after published: inout Int64) async {
        do {
            let fresh = ports.ledger.takeFreshEvents()
            var next = fresh.drop { $0.place <= published }
            if !fresh.isEmpty, next.first.map({ $0.place == published + 1 }) ?? true {
                while !next.isEmpty {
                    let batch = next.prefix(Self.batchLimit)
                    published = try await publish(batch)
                    next = next.dropFirst(batch.count)
                }
                return
            }
            while true {
                let after = published
                let owed = try await gate.persist { () throws(LedgerError) in
                    try await ports.ledger.owedEvents(after: after, limit: Self.batchLimit)
                }
                guard !owed.isEmpty else { return }
                published = try await publish(owed[...])
            }
        } catch {
            guard !(error is CancellationError) else { return }
            ports.logger.error("Owed events could not be read.", metadata: ["error": "\(error)"])
        }
    }

    /// - Parameter owed: At least one.
    /// - Returns: The place of the last one.
    private func publish(_ owed: ArraySlice<OwedEvent>) async throws -> Int64 {
        let events = owed.map(\.event)
        ports.crashPoints?.reached(.eventsTaken)
        var backoff = Backoff(initial: 100, cap: 1_000)
        while !(await ports.broker.publish(events: events).allSatisfy { $0 == .confirmed }) {
            try await backoff.wait(ports.time, ports.randomness)
        }
        ports.crashPoints?.reached(.eventsConfirmed)
        metrics.eventsPublished(events.count)
        let last = owed[owed.endIndex - 1].place
        try await confirmations.note([last])
        return last
    }
}
