package import Distribution

extension SQLiteLedger {
    package func accept(_ plan: PreparedPlan) async throws(LedgerError) -> PlanAcceptance {
        let acceptance = try await writer.perform { try $0.accept(plan) }
        if case .recalled(let id) = acceptance, plan.jobs.count > Self.sharedPart {
            try await finishCancellation(of: id, after: JobID(0), at: plan.acceptedAt)
        }
        return acceptance
    }

    package func plan(domainID: DomainID, idempotencyKey: String) async throws(LedgerError) -> KnownPlan? {
        try await read { database in
            var select = try database.query(
                "SELECT id, requestDigest FROM distribution_plans WHERE domainId = ? AND idempotencyKey = ?")
            select.bind(domainID)
            select.bind(idempotencyKey)
            return try select.first { KnownPlan(id: $0.id(0), requestDigest: try $0.digest(1)) }
        }
    }

    package func recordRejection(_ rejection: PlanRejection) async throws(LedgerError) {
        try await writer.perform { try $0.reject(rejection) }
    }
}
