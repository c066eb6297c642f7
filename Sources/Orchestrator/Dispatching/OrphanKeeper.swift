import Distribution
import Logging

/// Takes care of job messages that found no queue: the queue is declared again and the job handed out again, or it is
/// let go where the ledger has no use for it any more, or put into quarantine where the ledger does not know it so.
struct OrphanKeeper: Sendable {
    let ports: Ports
    let gate: LedgerGate
    let directory: TargetDirectory
    let releaser: Releaser
    let settings: OrchestratorSettings

    /// Handles orphans until the stream ends.
    func run() async {
        for await batch in ports.broker.orphanedJobs {
            for message in batch { await handle(message) }
        }
    }

    private func handle(_ message: IncomingJobMessage) async {
        switch message.claim {
        case .failure(let error): await quarantine(message, as: error)
        case .success(let claim):
            do {
                switch try await admission(of: claim, message) {
                case .waits: try await rehouse(claim)
                case .replayed: try await replay(claim)
                case .settled: break
                case .mismatch(let error): return await quarantine(message, as: error)
                }
                settle(message, isDone: true)
            } catch {
                ports.logger.warning("An orphaned job waits for its queue.", metadata: ["error": "\(error)"])
                await giveBackLater(message)
            }
        }
    }

    private func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async {
        ports.logger.warning(
            "An orphaned job message was put into quarantine.",
            metadata: ["code": "\(error.code.rawValue)", "error": "\(error.message)"])
        guard await ports.broker.quarantine(message, as: error) == .confirmed else {
            return await giveBackLater(message)
        }
        settle(message, isDone: true)
    }

    /// After a pause, so that it does not come round hotly.
    private func giveBackLater(_ message: IncomingJobMessage) async {
        var backoff = Backoff(initial: 500, cap: 500)
        try? await backoff.wait(ports.time, ports.randomness)
        settle(message, isDone: false)
    }

    /// A deleted target's jobs are cancelled in the ledger, so that nothing is left to hand out.
    private func rehouse(_ claim: JobClaim) async throws {
        // Being deleted, or created a moment ago: it is looked at again.
        guard let target = directory.target(claim.targetID) else { throw TargetUnknown() }
        let prefetch = min(target.delivery.maxInFlight, settings.prefetchPerTarget)
        if target.isActive { try await ports.broker.open(target.queue, prefetch: prefetch) }
        let job = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.reissue(jobID: claim.jobID, epoch: claim.epoch)
        }
        // Of a disabled target it stays owed until the target is enabled; published now, it would be an orphan again.
        if let job, target.isActive { releaser.release([job]) }
    }

    private struct TargetUnknown: Error, CustomStringConvertible {
        let description = "Its target is not known here."
    }

    private func settle(_ message: IncomingJobMessage, isDone: Bool) {
        if isDone { message.settlement.acknowledge() } else { message.settlement.giveBack() }
    }
}
