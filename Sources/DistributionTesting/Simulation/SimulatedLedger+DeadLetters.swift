package import Distribution

extension SimulatedLedger {
    package func countDeadLetters(
        domainID: DomainID, _ selection: DeadLetterSelection, for kind: DeadLetterRun.Kind
    ) async throws(LedgerError) -> DeadLetterCount {
        try await read { ledger throws(LedgerError) in
            try await ledger.countDeadLetters(domainID: domainID, selection, for: kind)
        }
    }

    package func createDeadLetterRun(
        _ run: NewDeadLetterRun, total: Int, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRunAcceptance {
        try await write { ledger throws(LedgerError) in
            try await ledger.createDeadLetterRun(run, total: total, at: now)
        }
    }

    package func advanceDeadLetterRun(
        _ id: DeadLetterRunID, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRunStep? {
        try await write { ledger throws(LedgerError) in
            try await ledger.advanceDeadLetterRun(id, limit: limit, at: now)
        }
    }

    package func cancelDeadLetterRun(
        _ id: DeadLetterRunID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRun? {
        try await write { ledger throws(LedgerError) in
            try await ledger.cancelDeadLetterRun(id, domainID: domainID, at: now)
        }
    }

    package func deadLetterRun(
        _ id: DeadLetterRunID, domainID: DomainID
    ) async throws(LedgerError) -> DeadLetterRun? {
        try await read { ledger throws(LedgerError) in try await ledger.deadLetterRun(id, domainID: domainID) }
    }

    package func deadLetterRuns(
        domainID: DomainID, _ page: Page, kind: DeadLetterRun.Kind
    ) async throws(LedgerError) -> [DeadLetterRun] {
        try await read { ledger throws(LedgerError) in
            try await ledger.deadLetterRuns(domainID: domainID, page, kind: kind)
        }
    }

    package func openDeadLetterRuns() async throws(LedgerError) -> [DeadLetterRun] {
        try await read { ledger throws(LedgerError) in try await ledger.openDeadLetterRuns() }
    }
}
