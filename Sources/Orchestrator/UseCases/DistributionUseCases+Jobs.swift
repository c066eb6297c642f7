package import Distribution

extension DistributionUseCases {
    package func job(_ id: JobID, domainID: DomainID) async throws(Refusal) -> JobSnapshot {
        let snapshot = try await ask { ledger throws(LedgerError) in
            try await ledger.jobSnapshot(id, domainID: domainID)
        }
        guard let snapshot else { throw .jobNotFound(id) }
        return snapshot
    }

    package func jobs(domainID: DomainID, _ page: Page, filter: JobFilter) async throws(Refusal) -> [JobSummary] {
        try await ask { ledger throws(LedgerError) in
            try await ledger.jobs(domainID: domainID, page, filter: filter)
        }
    }

    package func receipts(domainID: DomainID, _ page: Page) async throws(Refusal) -> [Receipt] {
        try await ask { ledger throws(LedgerError) in try await ledger.receipts(domainID: domainID, page) }
    }

    package func deadLetters(
        domainID: DomainID, _ page: Page, filter: JobFilter
    ) async throws(Refusal) -> [DeadLetterSummary] {
        try await ask { ledger throws(LedgerError) in
            try await ledger.deadLetters(domainID: domainID, page, filter: filter)
        }
    }

    package func deadLetter(_ id: JobID, domainID: DomainID) async throws(Refusal) -> DeadLetter {
        let letter = try await ask { ledger throws(LedgerError) in
            try await ledger.deadLetter(id, domainID: domainID)
        }
        if let letter { return letter }
        let status = try await job(id, domainID: domainID).summary.job.status
        guard status == .failed else { throw .noDeadLetter(id, status) }
        throw .letterGone(id)
    }

    /// Counts over all domains, for `doctor` and metrics.
    package func totals() async throws(Refusal) -> LedgerTotals {
        try await ask { ledger throws(LedgerError) in try await ledger.totals() }
    }
}
