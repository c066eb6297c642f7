package import Distribution

extension InMemoryLedger {
    package func auditPage(after position: AuditPosition, limit: Int) async throws(LedgerError) -> AuditPage {
        try perform(.audit) { $0.auditPage(after: position, limit: limit) }
    }

    package func auditReceipts(after: ReceiptID, limit: Int) async throws(LedgerError) -> ReceiptAuditPage {
        try perform(.audit) { tables in
            let receipts = tables.jobs.compactMap(\.receipt).map(\.id).filter { $0 > after }.sorted().prefix(limit)
            return ReceiptAuditPage(
                count: receipts.count, strays: [], next: receipts.count < limit ? nil : receipts.last)
        }
    }

    package func auditEvents(after place: Int64, limit: Int) async throws(LedgerError) -> EventAuditPage {
        try perform(.audit) { $0.auditEvents(after: place, limit: limit) }
    }

    /// Bytes in memory are not hashed.
    package func auditPayloads(
        after: Int64, newest: Int?, limit: Int
    ) async throws(LedgerError) -> PayloadAuditPage {
        PayloadAuditPage(count: 0, damaged: [], next: nil)
    }

    package func fileDamages() async throws(LedgerError) -> [String] { [] }

    package func auditTargets() async throws(LedgerError) -> [AuditTarget] {
        try perform(.audit) { $0.auditTargets }
    }

    package func waitingJobs(
        after position: WaitingJobsPage.Position, limit: Int, _ cutoffs: WaitingCutoffs
    ) async throws(LedgerError) -> WaitingJobsPage {
        try perform(.audit) { $0.waitingJobs(after: position, limit: limit, cutoffs) }
    }

    package func pulse() async throws(LedgerError) -> LedgerPulse {
        try perform(.audit) { tables in
            LedgerPulse(
                owedEvents: tables.events.count, owedDeadLetters: tables.jobs.count { $0.owesDeadLetter },
                activity: Int64(tables.plans.count) + tables.lastAttemptID + tables.lastPlace)
        }
    }

    package func reissueOverdueJobs(
        of targetID: TargetID, dueBefore moment: Timestamp, after: JobID?, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> ReissuedJobs {
        try perform(.reissue) {
            $0.reissueOverdueJobs(of: targetID, dueBefore: moment, after: after ?? JobID(0), limit: limit, at: now)
        }
    }

    /// Counts a plan's jobs wrongly, as a damaged ledger does.
    package func miscount(_ id: PlanID) {
        tamper { tables in tables.change(id) { $0.plan.counts.queued += 1 } }
    }
}
