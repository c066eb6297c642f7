import Distribution
import Logging

/// Takes care of job messages that found no queue: the queue is declared again and the job handed out again, or it is
/// let go where the ledger has no use for it any more.
struct OrphanKeeper: Sendable {
    let ports: Ports
    let gate: LedgerGate
    let directory: TargetDirectory
    let releaser: Releaser
    let queues: QueueKeeper
    let settings: OrchestratorSettings

    /// Handles orphans until the stream ends.
    func run() async {
        for await batch in ports.broker.orphanedJobs {
            for message in batch { await handle(message) }
        }
    }

    private func handle(_ message: IncomingJobMessage) async {
        switch message.claim {
        case .failure(let error):
            let publication = await ports.broker.quarantine(message, as: error)
            settle(message, isDone: publication == .confirmed)
        case .success(let claim):
            do {
                try await rehouse(claim)
                settle(message, isDone: true)
            } catch {
                ports.logger.warning("An orphaned job waits for its queue.", metadata: ["error": "\(error)"])
                var backoff = Backoff(initial: 500, cap: 500)
                try? await backoff.wait(ports.time, ports.randomness)
                settle(message, isDone: false)
            }
        }
    }

    /// A deleted target's jobs are cancelled in the ledger, so that nothing is left to hand out.
    private func rehouse(_ claim: JobClaim) async throws {
        guard let target = directory.target(claim.targetID) else { return }
        if target.isActive { try await rebuild(target) }
        let job = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.reissue(jobID: claim.jobID, epoch: claim.epoch)
        }
        // Of a disabled target it stays owed until the target is enabled; published now, it would be an orphan again.
        if let job, target.isActive { releaser.release([job]) }
    }

    /// Consumed only where the target takes work; otherwise its jobs wait in it.
    private func rebuild(_ target: Target) async throws {
        let stance = directory.stance(
            of: target.id, prefetch: settings.prefetchPerTarget, at: ports.time.now())
        if case .consume(let prefetch) = stance {
            try await ports.broker.open(target.queue, prefetch: prefetch)
        } else {
            try await ports.broker.declare(target.queue)
        }
        // The target may have been held back while the queue was being opened.
        queues.touched(target.queue)
    }

    private func settle(_ message: IncomingJobMessage, isDone: Bool) {
        if isDone { message.settlement.acknowledge() } else { message.settlement.giveBack() }
    }
}
