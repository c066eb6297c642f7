import Distribution
import Logging
import Synchronization

/// Shows failed jobs in the dead-letter queues; the ledger stays their authority.
final class DeadLetterRelay: Sendable {
    private static let batchLimit = 100

    private let ports: Ports
    private let gate: LedgerGate
    private let metrics: OrchestratorMetrics
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    /// Channels whose letters are to be shown again.
    private let unshown = Mutex<Set<ChannelType>>([])

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
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await channel in self.ports.broker.renewedDeadLetterQueues {
                    self.unshown.withLock { _ = $0.insert(channel) }
                    self.deadLetterOwed()
                }
            }
            await publishWhatIsOwed()
        }
    }

    private func publishWhatIsOwed() async {
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
            try await oweUnshown()
            let owed = try await gate.persist { () throws(LedgerError) in
                try await ports.ledger.owedDeadLetters(after: nil, limit: Self.batchLimit)
            }
            guard !owed.isEmpty else { return true }
            ports.crashPoints?.reached(.deadLettersRead)
            let publications = await ports.broker.publish(deadLetters: owed)
            ports.crashPoints?.reached(.deadLettersConfirmed)
            let confirmed = zip(owed, publications).filter { $1 == .confirmed }
                .map { PublishedEpoch(jobID: $0.0.claim.jobID, epoch: $0.0.claim.epoch) }
            try await gate.persist { () throws(LedgerError) in
                try await ports.ledger.confirm(deadLetters: confirmed)
            }
            ports.crashPoints?.reached(.deadLettersMarked)
            metrics.deadLettersPublished(confirmed.count)
            guard confirmed.count == owed.count else { return false }
        }
    }

    /// Owes anew what a queue has shown that is gone. Between two batches, as the confirm of one that was published into
    /// nowhere must be noted before.
    private func oweUnshown() async throws {
        while let channel = unshown.withLock({ $0.min() }) {
            unshown.withLock { _ = $0.remove(channel) }
            let count: Int
            do {
                count = try await gate.persist { () throws(LedgerError) in
                    try await ports.ledger.reissueDeadLetters(of: channel)
                }
            } catch {
                unshown.withLock { _ = $0.insert(channel) }
                throw error
            }
            ports.logger.notice(
                "A queue of dead letters was gone; what it had shown is shown again.",
                metadata: ["channel": "\(channel)", "count": "\(count)"])
        }
    }
}
