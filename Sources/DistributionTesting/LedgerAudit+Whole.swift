package import Distribution

extension LedgerAudit {
    /// Audits a ledger, in pages small enough that there are many.
    ///
    /// - Parameter hashesPayloads: Only where the digests of a test are real.
    package static func whole(
        of ledger: any ConservationLedger, pageOf limit: Int = 2, hashesPayloads: Bool = false
    ) async throws -> LedgerAudit {
        var audit = LedgerAudit()
        var position: AuditPosition? = .start
        while let after = position {
            let page = try await ledger.auditPage(after: after, limit: limit)
            audit.take(page)
            position = page.next
        }
        var receipt: ReceiptID? = ReceiptID(0)
        while let after = receipt {
            let page = try await ledger.auditReceipts(after: after, limit: limit)
            audit.take(page)
            receipt = page.next
        }
        var place: Int64? = 0
        while let after = place {
            let page = try await ledger.auditEvents(after: after, limit: limit)
            audit.take(page)
            place = page.next
        }
        var payload: Int64? = hashesPayloads ? 0 : nil
        while let after = payload {
            let page = try await ledger.auditPayloads(after: after, newest: nil, limit: limit)
            audit.take(page)
            payload = page.next
        }
        return audit
    }
}
