import Distribution
import Logging

/// Takes care of job messages that found no queue: they are owed again in the ledger, and go out once their queue is
/// declared; or they are let go where the ledger has no use for them any more.
///
/// Nothing waits here for a queue, so that one that cannot be had delays no other; and a job does not go round, because
/// the jobs of a target whose queue is refused are not published.
struct OrphanKeeper: Sendable {
    let ports: Ports
    let gate: LedgerGate
    let directory: TargetDirectory
    let queues: QueueKeeper

    /// Handles orphans until the stream ends; those of a batch share a commit.
    func run() async {
        for await batch in ports.broker.orphanedJobs {
            await withDiscardingTaskGroup { group in
                for message in batch { group.addTask { await handle(message) } }
            }
        }
    }

    private func handle(_ message: IncomingJobMessage) async {
        switch message.claim {
        case .failure(let error):
            let publication = await ports.broker.quarantine(message, as: error)
            settle(message, isDone: publication == .confirmed)
        case .success(let claim):
            do {
                try await owe(claim)
                settle(message, isDone: true)
            } catch {
                ports.logger.warning("An orphaned job could not be noted.", metadata: ["error": "\(error)"])
                settle(message, isDone: false)
            }
        }
    }

    /// A deleted target's jobs are cancelled in the ledger, so that nothing is left to hand out; a disabled one's stay
    /// owed until it is enabled: published now, they would be orphans again.
    private func owe(_ claim: JobClaim) async throws {
        guard let target = directory.target(claim.targetID) else { return }
        let job = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.reissue(jobID: claim.jobID, epoch: claim.epoch)
        }
        if job != nil, target.isActive { queues.jobFoundNoQueue(target.id) }
    }

    private func settle(_ message: IncomingJobMessage, isDone: Bool) {
        if isDone { message.settlement.acknowledge() } else { message.settlement.giveBack() }
    }
}
