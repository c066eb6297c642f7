import Distribution
import Logging

/// Takes care of job messages that found no queue: they are owed again in the ledger, and go out once their queue is
/// declared; they are let go where the ledger has no use for them any more, or put into quarantine where it does not
/// know them so.
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
        case .failure(let error): await quarantine(message, as: error)
        case .success(let claim):
            do {
                switch try await admission(of: claim, message) {
                case .waits: try await owe(claim)
                case .replayed: try await replay(claim)
                case .settled: break
                case .mismatch(let error): return await quarantine(message, as: error)
                }
                settle(message, isDone: true)
            } catch {
                if !(error is CancellationError) {
                    ports.logger.warning("An orphaned job could not be noted.", metadata: ["error": "\(error)"])
                }
                await giveBackLater(message)
            }
        }
    }

    private func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async {
        ports.logger.warning(
            "An orphaned job message was put into quarantine.",
            metadata: message.quarantineMetadata(error))
        guard await ports.broker.quarantine(message, as: error) == .confirmed else {
            return await giveBackLater(message)
        }
        settle(message, isDone: true)
    }

    /// After a pause, so that it does not come round hotly.
    private func giveBackLater(_ message: IncomingJobMessage) async {
        await Backoff.beforeGivingBack(ports)
        settle(message, isDone: false)
    }

    /// A deleted target's jobs are cancelled in the ledger, so that nothing is left to hand out; a disabled one's stay
    /// owed until it is enabled: published now, they would be orphans again.
    private func owe(_ claim: JobClaim) async throws {
        // Being deleted, or created a moment ago: it is looked at again.
        guard let target = directory.target(claim.targetID) else { throw TargetUnknown() }
        let job = try await gate.persist(.intake) { () throws(LedgerError) in
            try await ports.ledger.reissue(jobID: claim.jobID, epoch: claim.epoch)
        }
        ports.crashPoints?.reached(.orphanReissued)
        if job != nil, target.isActive { queues.jobFoundNoQueue(target.id) }
    }

    private struct TargetUnknown: Error, CustomStringConvertible {
        let description = "Its target is not known here."
    }

    private func settle(_ message: IncomingJobMessage, isDone: Bool) {
        if isDone { message.settlement.acknowledge() } else { message.settlement.giveBack() }
    }
}
