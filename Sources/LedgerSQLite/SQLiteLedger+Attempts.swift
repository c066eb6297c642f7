package import Distribution

extension SQLiteLedger {
    package func begin(_ request: AttemptRequest) async throws(LedgerError) -> AttemptDecision {
        try await writer.perform(.relaxed) { try $0.begin(request) }
    }

    package func record(_ report: AttemptReport) async throws(LedgerError) -> RecordedAttempt {
        try await writer.perform { try $0.record(report) }
    }

    /// In steps of 500, so that other calls get their turn.
    package func closeAbandonedAttempts(at now: Timestamp) async throws(LedgerError) -> Int {
        try await cancelOrphans(at: now)
        try await finishCancellations(at: now)
        try await finishRetries(at: now)
        var closed = 0
        while true {
            let step = try await writer.perform { try $0.closeAbandonedAttempts(at: now, limit: Self.stepLimit) }
            closed += step
            guard step == Self.stepLimit else { return closed }
        }
    }

    static let stepLimit = 500
}
