package import Distribution

/// Reads a ledger for ``LedgerAudit`` and ``SystemReading``, page by page: no read holds the writer's log for longer
/// than a moment, however much there is.
package struct ConservationCheck: Sendable {
    /// Jobs of one page, and receipts of another.
    private static let jobsPerPage = 5_000
    private static let receiptsPerPage = 20_000
    private static let eventsPerPage = 2_000
    private static let payloadsPerPage = 200
    /// Payloads that are hashed where not all are.
    private static let sample = 500

    private let ledger: any ConservationLedger

    package init(ledger: any ConservationLedger) {
        self.ledger = ledger
    }

    /// Audits the whole ledger. Ends early where the task is cancelled, with what it has seen by then.
    package func audit(_ depth: AuditDepth) async throws(LedgerError) -> LedgerAudit {
        var audit = LedgerAudit()
        try await auditJobs(&audit)
        try await auditReceipts(&audit)
        try await auditEvents(&audit)
        if depth != .rows { try await auditPayloads(&audit, newest: depth == .full ? nil : Self.sample) }
        if depth == .full, !Task.isCancelled { audit.take(fileDamages: try await ledger.fileDamages()) }
        return audit
    }

    private func auditJobs(_ audit: inout LedgerAudit) async throws(LedgerError) {
        var next: AuditPosition? = .start
        while let position = next, !Task.isCancelled {
            let page = try await ledger.auditPage(after: position, limit: Self.jobsPerPage)
            audit.take(page)
            next = page.next
        }
    }

    private func auditReceipts(_ audit: inout LedgerAudit) async throws(LedgerError) {
        var next: ReceiptID? = ReceiptID(0)
        while let after = next, !Task.isCancelled {
            let page = try await ledger.auditReceipts(after: after, limit: Self.receiptsPerPage)
            audit.take(page)
            next = page.next
        }
    }

    private func auditEvents(_ audit: inout LedgerAudit) async throws(LedgerError) {
        var next: Int64? = 0
        while let after = next, !Task.isCancelled {
            let page = try await ledger.auditEvents(after: after, limit: Self.eventsPerPage)
            audit.take(page)
            next = page.next
        }
    }

    private func auditPayloads(_ audit: inout LedgerAudit, newest: Int?) async throws(LedgerError) {
        var next: Int64? = 0
        while let after = next, !Task.isCancelled {
            let page = try await ledger.auditPayloads(after: after, newest: newest, limit: Self.payloadsPerPage)
            audit.take(page)
            next = page.next
        }
    }

    // MARK: Messages

    /// How the open jobs of every target wait.
    package func waitingJobs(_ cutoffs: WaitingCutoffs) async throws(LedgerError) -> [TargetID: WaitingJobs] {
        var waiting: [TargetID: WaitingJobs] = [:]
        var next: WaitingJobsPage.Position? = .start
        while let position = next, !Task.isCancelled {
            let page = try await ledger.waitingJobs(after: position, limit: Self.receiptsPerPage, cutoffs)
            for (target, jobs) in page.byTarget { waiting[target, default: WaitingJobs()].add(jobs) }
            next = page.next
        }
        return waiting
    }

    /// What ledger and broker say now of the targets for whose jobs a message must be somewhere.
    ///
    /// - Returns: nil where no job waits for one.
    func readingOfWaiting(at now: Timestamp, _ broker: any Broker) async throws -> SystemReading? {
        let waiting = try await waitingJobs(Self.cutoffs(at: now)).filter { $0.value.settled + $0.value.delayed > 0 }
        guard !waiting.isEmpty else { return nil }
        return try await reading(at: now, of: { waiting[$0] != nil }, census: broker.census)
    }

    private static func cutoffs(at now: Timestamp) -> WaitingCutoffs {
        WaitingCutoffs(
            settledBefore: now.adding(milliseconds: -settling), delayedAfter: now.adding(milliseconds: settling))
    }

    /// What ledger and broker say now.
    ///
    /// - Parameters:
    ///   - isOfInterest: Whose queues are counted.
    ///   - census: Counts the messages of these targets' queues.
    package func reading(
        at now: Timestamp, of isOfInterest: (TargetID) -> Bool = { _ in true },
        census: @Sendable ([TargetQueue]) async throws -> BrokerCensus
    ) async throws -> SystemReading {
        let targets = try await ledger.auditTargets().filter { isOfInterest($0.queue.targetID) }
        let counted = try await census(targets.map(\.queue))
        return SystemReading(
            targets: targets, waiting: try await waitingJobs(Self.cutoffs(at: now)), pulse: try await ledger.pulse(),
            census: counted)
    }

    /// Milliseconds that a message may be on its way from the ladder to its queue.
    private static let settling: Int64 = 5_000
}
