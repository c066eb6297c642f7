package import Distribution

extension SimulatedLedger {
    package func auditPage(after position: AuditPosition, limit: Int) async throws(LedgerError) -> AuditPage {
        try await read { ledger throws(LedgerError) in try await ledger.auditPage(after: position, limit: limit) }
    }

    package func auditReceipts(after: ReceiptID, limit: Int) async throws(LedgerError) -> ReceiptAuditPage {
        try await read { ledger throws(LedgerError) in try await ledger.auditReceipts(after: after, limit: limit) }
    }

    package func auditEvents(after place: Int64, limit: Int) async throws(LedgerError) -> EventAuditPage {
        try await read { ledger throws(LedgerError) in try await ledger.auditEvents(after: place, limit: limit) }
    }

    package func auditPayloads(
        after: Int64, newest: Int?, limit: Int
    ) async throws(LedgerError) -> PayloadAuditPage {
        try await read { ledger throws(LedgerError) in
            try await ledger.auditPayloads(after: after, newest: newest, limit: limit)
        }
    }

    package func fileDamages() async throws(LedgerError) -> [String] {
        try await read { ledger throws(LedgerError) in try await ledger.fileDamages() }
    }

    package func auditTargets() async throws(LedgerError) -> [AuditTarget] {
        try await read { ledger throws(LedgerError) in try await ledger.auditTargets() }
    }

    package func waitingJobs(
        after position: WaitingJobsPage.Position, limit: Int, _ cutoffs: WaitingCutoffs
    ) async throws(LedgerError) -> WaitingJobsPage {
        try await read { ledger throws(LedgerError) in
            try await ledger.waitingJobs(after: position, limit: limit, cutoffs)
        }
    }

    package func pulse() async throws(LedgerError) -> LedgerPulse {
        try await read { ledger throws(LedgerError) in try await ledger.pulse() }
    }
}
