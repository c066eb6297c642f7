package import Distribution

extension SQLiteLedger {
    package func auditPage(after position: AuditPosition, limit: Int) async throws(LedgerError) -> AuditPage {
        try await read { try $0.auditPage(after: position, limit: limit) }
    }

    package func auditReceipts(after: ReceiptID, limit: Int) async throws(LedgerError) -> ReceiptAuditPage {
        try await read { try $0.auditReceipts(after: after, limit: limit) }
    }

    package func auditEvents(after place: Int64, limit: Int) async throws(LedgerError) -> EventAuditPage {
        try await read { try $0.auditEvents(after: place, limit: limit) }
    }

    package func auditPayloads(
        after: Int64, newest: Int?, limit: Int
    ) async throws(LedgerError) -> PayloadAuditPage {
        try await read { try $0.auditPayloads(after: after, newest: newest, limit: limit) }
    }

    package func fileDamages() async throws(LedgerError) -> [String] {
        var damages: [String] = []
        for table in try await read({ try $0.tableNames() }) {
            damages += try await read { try $0.damages(of: table) }
        }
        return damages
    }

    package func auditTargets() async throws(LedgerError) -> [AuditTarget] {
        try await read { try $0.auditTargets() }
    }

    package func waitingJobs(
        after position: WaitingJobsPage.Position, limit: Int, _ cutoffs: WaitingCutoffs
    ) async throws(LedgerError) -> WaitingJobsPage {
        try await read { try $0.waitingJobs(after: position, limit: limit, cutoffs) }
    }

    package func pulse() async throws(LedgerError) -> LedgerPulse {
        try await read { try $0.pulse() }
    }

    package func reissueOverdueJobs(
        of targetID: TargetID, dueBefore moment: Timestamp, after: JobID?, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> ReissuedJobs {
        try await writer.perform { context in
            try context.reissueOverdueJobs(
                of: targetID, dueBefore: moment, after: after ?? JobID(0), limit: limit, at: now)
        }
    }
}
