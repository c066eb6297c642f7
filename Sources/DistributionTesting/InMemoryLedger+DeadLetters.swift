package import Distribution

extension InMemoryLedger {
    package func countDeadLetters(
        domainID: DomainID, _ selection: DeadLetterSelection, for kind: DeadLetterRun.Kind
    ) async throws(LedgerError) -> DeadLetterCount {
        try perform(.views) { $0.countDeadLetters(domainID, selection, for: kind) }
    }

    package func createDeadLetterRun(
        _ run: NewDeadLetterRun, total: Int, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRunAcceptance {
        try perform(.recall) { $0.createDeadLetterRun(run, total: total, at: now) }
    }

    package func advanceDeadLetterRun(
        _ id: DeadLetterRunID, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRunStep? {
        try performStep(.recall) { $0.advanceDeadLetterRun(id, limit: limit, at: now, until: $1) }
    }

    package func cancelDeadLetterRun(
        _ id: DeadLetterRunID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> DeadLetterRun? {
        try perform(.recall) { $0.cancelDeadLetterRun(id, domainID, at: now) }
    }

    package func deadLetterRun(
        _ id: DeadLetterRunID, domainID: DomainID
    ) async throws(LedgerError) -> DeadLetterRun? {
        try perform(.views) { tables in tables.runs.first { $0.id == id && $0.domainID == domainID } }
    }

    package func deadLetterRuns(
        domainID: DomainID, _ page: Page, kind: DeadLetterRun.Kind
    ) async throws(LedgerError) -> [DeadLetterRun] {
        try perform(.views) { tables in
            let runs = tables.runs.filter {
                $0.domainID == domainID && $0.kind == kind && $0.id.rawValue > page.after
            }
            return Array(runs.prefix(page.limit))
        }
    }

    package func openDeadLetterRuns() async throws(LedgerError) -> [DeadLetterRun] {
        try perform(.views) { tables in tables.runs.filter { $0.status == .running } }
    }

    // MARK: Retention

    package func purgeDeadLetters(
        diedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep {
        try performStep(.retention) { tables, clock in
            tables.purgeDeadLetters(diedBefore: moment, limit: limit, at: now, until: clock)
        }
    }

    package func releasePayloads(
        ofPlansEndedBefore moment: Timestamp, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> RetentionStep {
        try performStep(.retention) { tables, clock in
            tables.releasePayloads(ofPlansEndedBefore: moment, limit: limit, at: now, until: clock)
        }
    }

    package func removePlans(endedBefore moment: Timestamp, limit: Int) async throws(LedgerError) -> RetentionStep {
        try performStep(.retention) { $0.removePlans(endedBefore: moment, limit: limit, until: $1) }
    }

    package func removeDeadLetterRuns(
        endedBefore moment: Timestamp, limit: Int
    ) async throws(LedgerError) -> RetentionStep {
        try performStep(.retention) { $0.removeDeadLetterRuns(endedBefore: moment, limit: limit, until: $1) }
    }
}
