package import Distribution

extension SimulatedLedger: Ledger {
    // MARK: Plans

    package func accept(_ plan: PreparedPlan) async throws(LedgerError) -> PlanAcceptance {
        try await write { ledger throws(LedgerError) in try await ledger.accept(plan) }
    }

    package func plan(domainID: DomainID, idempotencyKey: String) async throws(LedgerError) -> KnownPlan? {
        try await read { ledger throws(LedgerError) in
            try await ledger.plan(domainID: domainID, idempotencyKey: idempotencyKey)
        }
    }

    package func recordRejection(_ rejection: PlanRejection) async throws(LedgerError) {
        try await write { ledger throws(LedgerError) in try await ledger.recordRejection(rejection) }
    }

    // MARK: Calling off and trying again

    package func cancelPlan(
        _ cancellation: PlanCancellation, at now: Timestamp
    ) async throws(LedgerError) -> PlanRecall {
        // Of one job each, so that what takes one transaction in small worlds takes several, as in large ones.
        var (recall, isUnfinished) = try await write { ledger throws(LedgerError) in
            try ledger.perform(.recall) { $0.cancelPlan(cancellation, limit: 1, at: now) }
        }
        while isUnfinished {
            (_, isUnfinished) = try await write { ledger throws(LedgerError) in
                try ledger.perform(.recall) { $0.cancelPlan(cancellation, limit: 1, at: now) }
            }
        }
        return recall
    }

    package func cancelJob(
        _ id: JobID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> JobRecall {
        try await write { ledger throws(LedgerError) in try await ledger.cancelJob(id, domainID: domainID, at: now) }
    }

    package func retryPlan(
        _ id: PlanID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> PlanRetryOutcome {
        let first = try await write { ledger throws(LedgerError) in
            try ledger.perform(.recall) { $0.retryPlan(id, domainID, limit: 1, at: now) }
        }
        guard var done = first else { return .unknown }
        while !done.isLast {
            done.add(
                try await write { ledger throws(LedgerError) in
                    try ledger.perform(.recall) { $0.continueRetry(of: id, limit: 1, at: now) }
                })
        }
        return done.outcome(disk.tables.plan(id)?.plan.counts ?? JobCounts())
    }

    package func retryJob(
        _ id: JobID, domainID: DomainID, epoch: Int64?, at now: Timestamp
    ) async throws(LedgerError) -> JobRetryOutcome {
        try await write { ledger throws(LedgerError) in
            try await ledger.retryJob(id, domainID: domainID, epoch: epoch, at: now)
        }
    }

    // MARK: Attempts

    package func begin(_ request: AttemptRequest) async throws(LedgerError) -> AttemptDecision {
        try await write(.relaxed) { ledger throws(LedgerError) in try await ledger.begin(request) }
    }

    package func wasRemoved(_ claim: JobClaim) async throws(LedgerError) -> Bool {
        try await read { ledger throws(LedgerError) in try await ledger.wasRemoved(claim) }
    }

    package func record(_ report: AttemptReport) async throws(LedgerError) -> RecordedAttempt {
        let flaw = flaw
        return try await write { ledger throws(LedgerError) in
            let recorded = try await ledger.record(report)
            guard flaw == .retriesWithoutNewEpoch, recorded.status == .retrying else { return recorded }
            return ledger.takeNewEpochBack(report, recorded)
        }
    }

    package func closeAbandonedAttempts(at now: Timestamp) async throws(LedgerError) -> Int {
        try await write { ledger throws(LedgerError) in try await ledger.closeAbandonedAttempts(at: now) }
    }

    // MARK: Trouble

    package func probe() async throws(LedgerError) {
        try await write { ledger throws(LedgerError) in try await ledger.probe() }
    }

    // MARK: Owed

    package func owedJobs(after: JobID?, limit: Int) async throws(LedgerError) -> [OwedJob] {
        try await read { ledger throws(LedgerError) in try await ledger.owedJobs(after: after, limit: limit) }
    }

    package func dueJobs(
        after position: SchedulePosition, by moment: Timestamp, limit: Int
    ) async throws(LedgerError) -> [OwedJob] {
        try await read { ledger throws(LedgerError) in
            try await ledger.dueJobs(after: position, by: moment, limit: limit)
        }
    }

    package func nextDueTime(after moment: Timestamp) async throws(LedgerError) -> Timestamp? {
        try await read { ledger throws(LedgerError) in try await ledger.nextDueTime(after: moment) }
    }

    package func confirm(jobs: [PublishedEpoch]) async throws(LedgerError) {
        try await write(.relaxed) { ledger throws(LedgerError) in try await ledger.confirm(jobs: jobs) }
    }

    package func owedDeadLetters(after: JobID?, limit: Int) async throws(LedgerError) -> [DeadLetter] {
        try await read { ledger throws(LedgerError) in try await ledger.owedDeadLetters(after: after, limit: limit) }
    }

    package func confirm(deadLetters: [PublishedEpoch]) async throws(LedgerError) {
        try await write(.relaxed) { ledger throws(LedgerError) in try await ledger.confirm(deadLetters: deadLetters) }
    }

    package func reissueDeadLetters(of channel: ChannelType) async throws(LedgerError) -> Int {
        try await write(.relaxed) { ledger throws(LedgerError) in try await ledger.reissueDeadLetters(of: channel) }
    }

    package func owedEvents(after: Int64, limit: Int) async throws(LedgerError) -> [OwedEvent] {
        let events = try await read { ledger throws(LedgerError) in
            try await ledger.owedEvents(after: after, limit: limit)
        }
        if flaw == .deletesBeforeConfirm { forget(events) }
        return events
    }

    package func confirmEvents(through place: Int64) async throws(LedgerError) {
        try await write(.relaxed) { ledger throws(LedgerError) in try await ledger.confirmEvents(through: place) }
    }

    package func reissue(jobID: JobID, epoch: Int64) async throws(LedgerError) -> OwedJob? {
        try await write { ledger throws(LedgerError) in try await ledger.reissue(jobID: jobID, epoch: epoch) }
    }

    package func reissueOpenJobs(
        of targetID: TargetID, after: JobID?, limit: Int
    ) async throws(LedgerError) -> JobID? {
        try await write { ledger throws(LedgerError) in
            try await ledger.reissueOpenJobs(of: targetID, after: after, limit: limit)
        }
    }

    package func reissueOverdueJobs(
        of targetID: TargetID, dueBefore moment: Timestamp, after: JobID?, limit: Int, at now: Timestamp
    ) async throws(LedgerError) -> ReissuedJobs {
        try await write { ledger throws(LedgerError) in
            try await ledger.reissueOverdueJobs(
                of: targetID, dueBefore: moment, after: after, limit: limit, at: now)
        }
    }

    // MARK: Targets and keys

    package func createTarget(_ target: NewTarget) async throws(LedgerError) -> Target {
        try await write { ledger throws(LedgerError) in try await ledger.createTarget(target) }
    }

    package func updateTarget(_ id: TargetID, _ change: TargetChange) async throws(LedgerError) -> Target? {
        try await write { ledger throws(LedgerError) in try await ledger.updateTarget(id, change) }
    }

    package func endPause(of id: TargetID, at now: Timestamp) async throws(LedgerError) -> Target? {
        try await write { ledger throws(LedgerError) in try await ledger.endPause(of: id, at: now) }
    }

    package func deleteTarget(_ id: TargetID) async throws(LedgerError) -> Target? {
        try await write { ledger throws(LedgerError) in try await ledger.deleteTarget(id) }
    }

    package func allTargets() async throws(LedgerError) -> [Target] {
        try await read { ledger throws(LedgerError) in try await ledger.allTargets() }
    }

    package func queuesOfDeletedTargets(since moment: Timestamp) async throws(LedgerError) -> [TargetQueue] {
        try await read { ledger throws(LedgerError) in try await ledger.queuesOfDeletedTargets(since: moment) }
    }

    package func bodySizesOfOpenJobs(perTarget limit: Int) async throws(LedgerError) -> [TargetID: [Int]] {
        try await read { ledger throws(LedgerError) in try await ledger.bodySizesOfOpenJobs(perTarget: limit) }
    }

    package func createKey(_ key: NewAPIKey) async throws(LedgerError) -> APIKey {
        try await write { ledger throws(LedgerError) in try await ledger.createKey(key) }
    }

    package func key(digest: Digest256) async throws(LedgerError) -> APIKey? {
        try await read { ledger throws(LedgerError) in try await ledger.key(digest: digest) }
    }

    package func keys() async throws(LedgerError) -> [APIKey] {
        try await read { ledger throws(LedgerError) in try await ledger.keys() }
    }

    package func revokeKey(_ id: Identifier<APIKey>) async throws(LedgerError) -> Bool {
        try await write { ledger throws(LedgerError) in try await ledger.revokeKey(id) }
    }

    // MARK: Views

    package func planSnapshot(_ id: PlanID, domainID: DomainID) async throws(LedgerError) -> PlanSnapshot? {
        try await read { ledger throws(LedgerError) in try await ledger.planSnapshot(id, domainID: domainID) }
    }

    package func plans(domainID: DomainID, _ page: Page, status: PlanStatus?) async throws(LedgerError) -> [Plan] {
        try await read { ledger throws(LedgerError) in
            try await ledger.plans(domainID: domainID, page, status: status)
        }
    }

    package func jobSnapshot(_ id: JobID, domainID: DomainID) async throws(LedgerError) -> JobSnapshot? {
        try await read { ledger throws(LedgerError) in try await ledger.jobSnapshot(id, domainID: domainID) }
    }

    package func jobs(domainID: DomainID, _ page: Page, filter: JobFilter) async throws(LedgerError) -> [JobSummary] {
        try await read { ledger throws(LedgerError) in
            try await ledger.jobs(domainID: domainID, page, filter: filter)
        }
    }

    package func receipts(domainID: DomainID, _ page: Page) async throws(LedgerError) -> [Receipt] {
        try await read { ledger throws(LedgerError) in try await ledger.receipts(domainID: domainID, page) }
    }

    package func targets(domainID: DomainID, _ page: Page) async throws(LedgerError) -> [Target] {
        try await read { ledger throws(LedgerError) in try await ledger.targets(domainID: domainID, page) }
    }

    package func deadLetters(
        domainID: DomainID, _ page: Page, filter: JobFilter
    ) async throws(LedgerError) -> [DeadLetterSummary] {
        try await read { ledger throws(LedgerError) in
            try await ledger.deadLetters(domainID: domainID, page, filter: filter)
        }
    }

    package func deadLetter(_ id: JobID, domainID: DomainID) async throws(LedgerError) -> DeadLetter? {
        try await read { ledger throws(LedgerError) in try await ledger.deadLetter(id, domainID: domainID) }
    }

    package func totals() async throws(LedgerError) -> LedgerTotals {
        try await read { ledger throws(LedgerError) in try await ledger.totals() }
    }
}

extension InMemoryLedger {
    /// The deliberate bug: the job of a report that asks for a retry keeps the epoch of its attempt.
    fileprivate func takeNewEpochBack(_ report: AttemptReport, _ recorded: RecordedAttempt) -> RecordedAttempt {
        let claim = report.grant.claim
        alter { tables in
            tables.change(claim.jobID) { row in
                guard row.job.epoch == claim.epoch + 1 else { return }
                row.job.epoch = claim.epoch
            }
        }
        return RecordedAttempt(
            status: recorded.status, epoch: claim.epoch, nextAttemptAt: recorded.nextAttemptAt,
            firstAttemptAt: recorded.firstAttemptAt)
    }
}
