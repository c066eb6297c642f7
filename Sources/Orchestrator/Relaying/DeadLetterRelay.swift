import Distribution
import Logging

/// Shows failed jobs in the dead-letter queues; the ledger stays their authority.
final class DeadLetterRelay: Sendable {
    private static let batchLimit = 100

    private let ports: Ports
    private let gate: LedgerGate
    private let metrics: OrchestratorMetrics
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    init(ports: Ports, gate: LedgerGate, metrics: OrchestratorMetrics) {
        self.ports = ports
        self.gate = gate
        self.metrics = metrics
        (signals, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Says that a dead letter is owed, or may be.
    func deadLetterOwed() {
        signal.yield()
    }

    /// Publishes until cancelled.
    func run() async {
        for await _ in signals {
            var backoff = Backoff(initial: 100, cap: 1_000)
            do {
                while try await !publishOwed() {
                    try await backoff.wait(ports.time, ports.randomness)
                }
            } catch {
                guard !(error is CancellationError) else { return }
                ports.logger.error("Owed dead letters could not be published.", metadata: ["error": "\(error)"])
            }
        }
    }

    /// - Returns: Whether nothing is owed any more.
    private func publishOwed() async throws -> Bool {
        while true {
            let owed = try await gate.persist { () throws(LedgerError) in
                try await ports.ledger.owedDeadLetters(after: nil, limit: Self.batchLimit)
            }
            guard !owed.isEmpty else { return true }
            let publications = await ports.broker.publish(deadLetters: owed)
            let confirmed = zip(owed, publications).filter { $1 == .confirmed }
                .map { PublishedEpoch(jobID: $0.0.claim.jobID, epoch: $0.0.claim.epoch) }
            try await gate.persist { () throws(LedgerError) in
                try await ports.ledger.confirm(deadLetters: confirmed)
            }
            metrics.deadLettersPublished(confirmed.count)
            guard confirmed.count == owed.count else { return false }
        }
    }
}
