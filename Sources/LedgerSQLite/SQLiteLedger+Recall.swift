package import Distribution

extension SQLiteLedger {
    package func cancelPlan(
        _ cancellation: PlanCancellation, at now: Timestamp
    ) async throws(LedgerError) -> PlanRecall {
        try await writer.perform { try $0.cancelPlan(cancellation, at: now) }
    }

    package func cancelJob(
        _ id: JobID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> JobRecall {
        try await writer.perform { try $0.cancelJob(id, domainID: domainID, at: now) }
    }

    package func retryPlan(
        _ id: PlanID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> PlanRetryOutcome {
        try await writer.perform { try $0.retryPlan(id, domainID: domainID, at: now) }
    }

    package func retryJob(
        _ id: JobID, domainID: DomainID, epoch: Int64?, at now: Timestamp
    ) async throws(LedgerError) -> JobRetryOutcome {
        try await writer.perform { try $0.retryJob(id, domainID: domainID, epoch: epoch, at: now) }
    }
}
