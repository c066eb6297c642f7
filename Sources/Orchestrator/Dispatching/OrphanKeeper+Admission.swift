import Distribution
import Sealing

extension OrphanKeeper {
    /// What becomes of an orphan whose headers make sense.
    enum Admission: Sendable, Hashable {
        /// Its job waits for a message.
        case waits
        /// Its job has moved on: the message is of no use any more.
        case settled
        /// An operator moved a dead letter to a target without a queue: its job is to be tried again.
        case replayed
        /// The ledger does not know it so; never attempted.
        case mismatch(DeliveryError)
    }

    /// Judges an orphan by its row, as an attempt would.
    func admission(of claim: JobClaim, _ message: IncomingJobMessage) async throws -> Admission {
        let snapshot = try await gate.persist(.intake) { () throws(LedgerError) in
            try await ports.ledger.jobSnapshot(claim.jobID, domainID: claim.domainID)
        }
        // Older than what retention keeps, as is a dead letter that somebody moves all the same.
        if snapshot == nil, try await wasRemoved(claim) { return .settled }
        let request = AttemptRequest(
            claim: claim, payloadDigest: SHA256.digest(message.body), isRedelivered: message.isRedelivered,
            startedAt: ports.time.now())
        return switch AttemptAdmission.decide(on: snapshot?.summary.job, for: request) {
        case .mismatch(let reason): .mismatch(DeliveryError(code: .jobMismatch, message: reason))
        case .stale: message.isDeadLetter ? .replayed : .settled
        // What is due later goes through the ladder, and what has expired is blocked by its attempt.
        case .start, .early, .expired: .waits
        }
    }

    private func wasRemoved(_ claim: JobClaim) async throws -> Bool {
        try await gate.persist(.intake) { () throws(LedgerError) in try await ports.ledger.wasRemoved(claim) }
    }

    /// Has a job tried again, unless it has moved on: its queue is declared once it is an orphan.
    func replay(_ claim: JobClaim) async throws {
        let outcome = try await gate.persist(.intake) { () throws(LedgerError) in
            try await ports.ledger.retryJob(
                claim.jobID, domainID: claim.domainID, epoch: claim.epoch, at: ports.time.now())
        }
        if case .retried = outcome { queues.releaser.sweepLedger() }
    }
}
