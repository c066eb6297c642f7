/// The ledger as an audit reads it: in pages, each one consistent state of it, so that a ledger of millions of jobs is
/// read beside its writer without holding anything up.
package protocol ConservationLedger: Sendable {
    /// The next plans with their jobs and attempts.
    ///
    /// - Parameter limit: Plans are added until they have so many jobs; one plan at least.
    func auditPage(after position: AuditPosition, limit: Int) async throws(LedgerError) -> AuditPage
    /// The next `limit` receipts, by id above `after`.
    func auditReceipts(after: ReceiptID, limit: Int) async throws(LedgerError) -> ReceiptAuditPage
    /// The next `limit` owed events, by place above `after`.
    func auditEvents(after place: Int64, limit: Int) async throws(LedgerError) -> EventAuditPage
    /// Hashes the bytes of the next `limit` payloads, by id above `after`.
    ///
    /// - Parameter newest: Only among so many of the newest; nil for all.
    func auditPayloads(after: Int64, newest: Int?, limit: Int) async throws(LedgerError) -> PayloadAuditPage
    /// What SQLite says about each table and its indexes; nothing where all is sound. Reads the whole file.
    func fileDamages() async throws(LedgerError) -> [String]

    /// Every target that is not deleted, by id.
    func auditTargets() async throws(LedgerError) -> [AuditTarget]
    /// Counts the next `limit` open jobs by their targets.
    func waitingJobs(
        after position: WaitingJobsPage.Position, limit: Int, _ cutoffs: WaitingCutoffs
    ) async throws(LedgerError) -> WaitingJobsPage
    func pulse() async throws(LedgerError) -> LedgerPulse
}

/// Jobs that were handed to the broker anew, and how far that went.
package struct ReissuedJobs: Sendable, Hashable {
    package let count: Int
    /// The last of them, to go on after; nil once there are no more.
    package let last: JobID?

    package init(count: Int, last: JobID?) {
        self.count = count
        self.last = last
    }
}
