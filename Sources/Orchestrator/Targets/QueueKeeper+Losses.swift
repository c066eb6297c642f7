import Distribution
import Logging

extension QueueKeeper {
    /// Jobs that are handed out anew in one transaction.
    private static let batchLimit = 500

    /// Owes every job of a target that waits, as what the broker had confirmed of them is gone, and has them published.
    func handOutAnew(_ id: TargetID) async {
        do {
            // Their confirms come late: the ledger does not know yet that they were published into the queue that is gone.
            let underWay = releaser.claimsUnderWay(to: id)
            try await releaser.noteConfirmations()
            var last: JobID?
            repeat {
                let after = last
                last = try await gate.persist { () throws(LedgerError) in
                    try await ports.ledger.reissueOpenJobs(of: id, after: after, limit: Self.batchLimit)
                }
            } while last != nil
            for claim in underWay {
                _ = try await gate.persist { () throws(LedgerError) in
                    try await ports.ledger.reissue(jobID: claim.jobID, epoch: claim.epoch)
                }
            }
        } catch {
            guard !(error is CancellationError) else { return }
            ports.logger.error(
                "The jobs of a queue that was lost could not be handed out anew.",
                metadata: ["targetId": "\(id)", "error": "\(error)"])
        }
        releaser.sweepLedger()
    }
}
