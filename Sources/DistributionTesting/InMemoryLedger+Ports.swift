package import Distribution

extension InMemoryLedger: Ledger {
    // MARK: Plans

    package func accept(_ plan: PreparedPlan) async throws(LedgerError) -> PlanAcceptance {
        try perform(.accept) { (tables) throws(LedgerError) in try tables.accept(plan) }
    }

    package func plan(domainID: DomainID, idempotencyKey: String) async throws(LedgerError) -> KnownPlan? {
        try perform(.views) { $0.knownPlan(domainID, idempotencyKey) }
    }

    package func recordRejection(_ rejection: PlanRejection) async throws(LedgerError) {
        try perform(.recordRejection) { $0.reject(rejection) }
    }

    // MARK: Calling off and trying again

    package func cancelPlan(
        _ cancellation: PlanCancellation, at now: Timestamp
    ) async throws(LedgerError) -> PlanRecall {
        var (recall, isUnfinished) = try perform(.recall) { $0.cancelPlan(cancellation, limit: sharedPart, at: now) }
        switch recall {
        case .cancelled(let id), .repeated(let id):
            while isUnfinished {
                isUnfinished = try performStep(.recall) { $0.cancelOpenJobs(of: id, at: now, until: $1) }
            }
        case .ended, .remembered, .unknown: break
        }
        return recall
    }

    package func cancelJob(
        _ id: JobID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> JobRecall {
        try perform(.recall) { $0.cancelJob(id, domainID, at: now) }
    }

    package func retryPlan(
        _ id: PlanID, domainID: DomainID, at now: Timestamp
    ) async throws(LedgerError) -> PlanRetryOutcome {
        guard var done = try perform(.recall, { $0.retryPlan(id, domainID, limit: sharedPart, at: now) }) else {
            return .unknown
        }
        while !done.isLast {
            done.add(try performStep(.recall) { $0.continueRetry(of: id, limit: .max, at: now, until: $1) })
        }
        return try perform(.recall) { tables in tables.plan(id).map { done.outcome($0.plan.counts) } ?? .unknown }
    }

    package func retryJob(
        _ id: JobID, domainID: DomainID, epoch: Int64?, at now: Timestamp
    ) async throws(LedgerError) -> JobRetryOutcome {
        try perform(.recall) { $0.retryJob(id, domainID, epoch: epoch, at: now) }
    }

    // MARK: Attempts

    package func begin(_ request: AttemptRequest) async throws(LedgerError) -> AttemptDecision {
        try perform(.begin) { $0.begin(request) }
    }

    package func wasRemoved(_ claim: JobClaim) async throws(LedgerError) -> Bool {
        try perform(.views) { $0.wasRemoved(claim) }
    }

    package func record(_ report: AttemptReport) async throws(LedgerError) -> RecordedAttempt {
        try perform(.record) { (tables) throws(LedgerError) in try tables.record(report) }
    }

    package func closeAbandonedAttempts(at now: Timestamp) async throws(LedgerError) -> Int {
        try perform(.closeAbandonedAttempts) { $0.closeAbandonedAttempts(at: now) }
    }

    // MARK: Owed

    package func owedJobs(after: JobID?, limit: Int) async throws(LedgerError) -> [OwedJob] {
        try perform(.owed) { Array($0.owedJobs.filter { $0.claim.jobID > after ?? JobID(0) }.prefix(limit)) }
    }

    package func dueJobs(
        after position: SchedulePosition, by moment: Timestamp, limit: Int
    ) async throws(LedgerError) -> [OwedJob] {
        try perform(.owed) { tables in
            Array(tables.scheduledJobs.filter { $0.schedulePosition > position && $0.dueAt <= moment }.prefix(limit))
        }
    }

    package func nextDueTime(after moment: Timestamp) async throws(LedgerError) -> Timestamp? {
        try perform(.owed) { $0.nextDueTime(after: moment) }
    }

    package func confirm(jobs: [PublishedEpoch]) async throws(LedgerError) {
        try perform(.confirm) { tables in
            for published in jobs { tables.confirm(published) }
        }
    }

    package func owedDeadLetters(after: JobID?, limit: Int) async throws(LedgerError) -> [DeadLetter] {
        try perform(.owed) { tables in
            Array(
                tables.jobs.filter { $0.owesDeadLetter && $0.job.id > after ?? JobID(0) }
                    .compactMap(\.deadLetter).prefix(limit))
        }
    }

    package func confirm(deadLetters: [PublishedEpoch]) async throws(LedgerError) {
        try perform(.confirm) { tables in
            for letter in deadLetters {
                tables.change(letter.jobID) { if $0.job.epoch == letter.epoch { $0.owesDeadLetter = false } }
            }
        }
    }

    package func reissueDeadLetters(of channel: ChannelType) async throws(LedgerError) -> Int {
        try perform(.reissue) { tables in
            let shown = tables.jobs.filter {
                $0.isDeadLetter && !$0.owesDeadLetter && $0.job.channelType == channel
            }
            for row in shown { tables.change(row.job.id) { $0.owesDeadLetter = true } }
            return shown.count
        }
    }

    package func owedEvents(after: Int64, limit: Int) async throws(LedgerError) -> [OwedEvent] {
        try perform(.owed) { Array($0.events.filter { $0.place > after }.prefix(limit)) }
    }

    package func confirmEvents(through place: Int64) async throws(LedgerError) {
        try perform(.confirm) { tables in tables.events.removeAll { $0.place <= place } }
    }

    package func reissue(jobID: JobID, epoch: Int64) async throws(LedgerError) -> OwedJob? {
        try perform(.reissue) { $0.reissue(jobID, epoch: epoch) }
    }

    package func reissueOpenJobs(
        of targetID: TargetID, after: JobID?, limit: Int
    ) async throws(LedgerError) -> JobID? {
        try perform(.reissue) { $0.reissueOpenJobs(of: targetID, after: after ?? JobID(0), limit: limit) }
    }

    // MARK: Targets and keys

    package func createTarget(_ target: NewTarget) async throws(LedgerError) -> Target {
        try perform(.targets) { $0.createTarget(target) }
    }

    package func endPause(of id: TargetID, at now: Timestamp) async throws(LedgerError) -> Target? {
        try perform(.targets) { $0.endPause(of: id, at: now) }
    }

    package func updateTarget(_ id: TargetID, _ change: TargetChange) async throws(LedgerError) -> Target? {
        try perform(.targets) { $0.updateTarget(id, change) }
    }

    package func deleteTarget(_ id: TargetID) async throws(LedgerError) -> Target? {
        let target = try perform(.targets) { $0.deleteTarget(id, limit: sharedPart) }
        var isDone = target == nil
        while !isDone { isDone = try performStep(.targets) { $0.cancelOrphans(until: $1) } }
        return target
    }

    package func allTargets() async throws(LedgerError) -> [Target] {
        try perform(.targets) { $0.liveTargets }
    }

    package func queuesOfDeletedTargets(since moment: Timestamp) async throws(LedgerError) -> [TargetQueue] {
        try perform(.targets) { tables in
            tables.targetRows.filter { $0.isDeleted && $0.target.updatedAt >= moment }.map(\.target).map {
                TargetQueue(targetID: $0.id, channelType: $0.channelType, type: $0.queueType)
            }
        }
    }

    package func bodySizesOfOpenJobs(perTarget limit: Int) async throws(LedgerError) -> [TargetID: [Int]] {
        try perform(.targets) { tables in
            let open = tables.jobs.filter { row in
                let isLive = tables.liveTargets.contains { $0.id == row.job.targetID }
                return isLive && (!row.job.status.isFinal || row.openAttempt != nil)
            }
            var sizes: [TargetID: [Int]] = [:]
            for row in open where sizes[row.job.targetID]?.count ?? 0 < limit {
                guard let payload = row.payload else { continue }
                sizes[row.job.targetID, default: []].append(payload.bytes.count)
            }
            return sizes
        }
    }

    package func createKey(_ key: NewAPIKey) async throws(LedgerError) -> APIKey {
        try perform(.keys) { $0.createKey(key) }
    }

    package func key(digest: Digest256) async throws(LedgerError) -> APIKey? {
        try perform(.keys) { tables in
            tables.keys.first { $0.digest == digest && $0.key.revokedAt == nil }?.key
        }
    }

    package func keys() async throws(LedgerError) -> [APIKey] {
        try perform(.keys) { $0.keys.map(\.key) }
    }

    package func revokeKey(_ id: Identifier<APIKey>) async throws(LedgerError) -> Bool {
        try perform(.keys) { $0.revokeKey(id) }
    }

    // MARK: Trouble

    package func probe() async throws(LedgerError) {
        try perform(.probe) { _ in }
    }
}
