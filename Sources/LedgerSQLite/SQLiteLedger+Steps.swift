import Distribution

/// What would hold the writer for long is done in steps, each a transaction of its own that ends by the clock, between
/// which others get their turn. What is left of it after a crash is found in the ledger and finished on the next start.
extension SQLiteLedger {
    /// Jobs that are moved in a commit that others share: most plans have no more, and cost no fsync of their own. The
    /// rest of a larger one is done in steps.
    static let sharedPart = 16

    func finishCancellation(of id: PlanID, after: JobID?, at now: Timestamp) async throws(LedgerError) {
        var next = after
        while let after = next {
            writer.crashPoints?.reached(.cancellationStepCommitted)
            next = try await writer.performStep(.full, usesReserve: false) { context, clock in
                try context.cancelOpenJobs(of: id, after: after, at: now, until: clock)
            }.value
        }
    }

    /// Looks at each plan once: where its counts are wrong, nothing that is done here makes them right.
    func finishCancellations(at now: Timestamp) async throws(LedgerError) {
        var last = PlanID(0)
        while let id = try await writer.perform(.full, { [last] in try $0.halfCancelledPlan(after: last) }) {
            try await finishCancellation(of: id, after: JobID(0), at: now)
            last = id
        }
    }

    func finishRetries(at now: Timestamp) async throws(LedgerError) {
        while let id = try await writer.perform(.full, { try $0.planBeingRetried() }) {
            _ = try await writer.performStep(.full, usesReserve: false) { context, clock in
                _ = try context.continueRetry(of: id, at: now, until: clock)
            }
        }
    }
}
