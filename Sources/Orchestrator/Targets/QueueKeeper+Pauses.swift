import Distribution
import Logging

extension QueueKeeper {
    /// Writes down that the pause of a target is over, once its time is, which tells of it once.
    ///
    /// Whoever comes first does it: this process when the time comes, the next one when it starts, or the ledger when the
    /// target is paused anew.
    func endPause(of id: TargetID) async {
        guard let pause = directory.target(id)?.pause, !pause.holds(at: ports.time.now()) else { return }
        do {
            let target = try await gate.persist { () throws(LedgerError) in
                try await ports.ledger.endPause(of: id, at: ports.time.now())
            }
            ports.crashPoints?.reached(.pauseEnded)
            guard let target else { return }
            directory.put(target)
            ports.logger.notice("The pause of a target is over.", metadata: ["targetId": "\(id)"])
        } catch {
            guard !(error is CancellationError) else { return }
            ports.logger.error(
                "The end of a target's pause could not be written down.",
                metadata: ["targetId": "\(id)", "error": "\(error)"])
        }
    }
}
