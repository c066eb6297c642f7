import Distribution

/// What would hold the writer for long is done in steps, each a transaction of its own, between which others get their
/// turn. What is left of it after a crash is found in the ledger and finished on the next start.
extension SQLiteLedger {
    /// Jobs of a plan that are moved in one transaction; they take less than 50 ms.
    static let planStepLimit = 250

    func finishCancellation(of id: PlanID, after: JobID?, at now: Timestamp) async throws(LedgerError) {
        var next = after
        while let after = next {
            writer.crashPoints?.reached(.cancellationStepCommitted)
            next = try await writer.perform { context in
                try context.cancelOpenJobs(of: id, after: after, limit: Self.planStepLimit, at: now)
            }
        }
    }

    func finishCancellations(at now: Timestamp) async throws(LedgerError) {
        while let id = try await writer.perform(.full, { try $0.halfCancelledPlan() }) {
            try await finishCancellation(of: id, after: JobID(0), at: now)
        }
    }

    func finishRetries(at now: Timestamp) async throws(LedgerError) {
        while let id = try await writer.perform(.full, { try $0.planBeingRetried() }) {
            try await writer.perform { context in
                try context.continueRetryOfOlderStart(of: id, limit: Self.planStepLimit, at: now)
            }
        }
    }
}
