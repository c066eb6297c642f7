import Distribution
import Logging

/// Publishes owed events in the order in which they were committed; a batch that was not confirmed whole is published
/// again before the next, so only around a broker failure may an event come twice.
struct EventRelay: Sendable {
    private static let batchLimit = 512

    let ports: Ports
    let gate: LedgerGate
    let metrics: OrchestratorMetrics

    /// Publishes until cancelled.
    func run() async {
        let signals = ports.ledger.eventSignals()
        var published: Int64 = 0
        await publishOwed(after: &published)
        for await _ in signals {
            await publishOwed(after: &published)
        }
    }

    private func publishOwed(after published: inout Int64) async {
        do {
            while let place = try await publishBatch(after: published) { published = place }
        } catch {
            guard !(error is CancellationError) else { return }
            ports.logger.error("Owed events could not be read.", metadata: ["error": "\(error)"])
        }
    }

    /// - Returns: The place of the last event published; nil when none is owed.
    private func publishBatch(after place: Int64) async throws -> Int64? {
        let owed = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.owedEvents(after: place, limit: Self.batchLimit)
        }
        guard let last = owed.last?.place else { return nil }
        let events = owed.map(\.event)
        var backoff = Backoff(initial: 100, cap: 1_000)
        while !(await ports.broker.publish(events: events).allSatisfy { $0 == .confirmed }) {
            try await backoff.wait(ports.time, ports.randomness)
        }
        metrics.eventsPublished(events.count)
        try await gate.persist { () throws(LedgerError) in try await ports.ledger.confirmEvents(through: last) }
        return last
    }
}
