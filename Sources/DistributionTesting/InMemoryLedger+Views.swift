package import Distribution

extension InMemoryLedger {
    package func planSnapshot(_ id: PlanID, domainID: DomainID) async throws(LedgerError) -> PlanSnapshot? {
        try perform(.views) { tables in
            guard let plan = tables.plan(id)?.plan, plan.domainID == domainID else { return nil }
            let jobs = tables.jobs.filter { $0.job.planID == id }
                .sorted { ($0.job.status.rank, $0.job.id) < ($1.job.status.rank, $1.job.id) }
            return PlanSnapshot(
                plan: plan, jobs: jobs.prefix(100).map { tables.summary(of: $0) }, isTruncated: jobs.count > 100)
        }
    }

    package func plans(domainID: DomainID, _ page: Page, status: PlanStatus?) async throws(LedgerError) -> [Plan] {
        try perform(.views) { tables in
            let plans = tables.plans.map(\.plan).filter { plan in
                plan.domainID == domainID && plan.id.rawValue > page.after && status ?? plan.status == plan.status
            }
            return Array(plans.prefix(page.limit))
        }
    }

    package func jobSnapshot(_ id: JobID, domainID: DomainID) async throws(LedgerError) -> JobSnapshot? {
        try perform(.views) { tables in
            guard let row = tables.job(id), tables.plan(row.job.planID)?.plan.domainID == domainID else { return nil }
            return JobSnapshot(summary: tables.summary(of: row), attempts: row.attempts.map(\.attempt))
        }
    }

    package func jobs(domainID: DomainID, _ page: Page, filter: JobFilter) async throws(LedgerError) -> [JobSummary] {
        try perform(.views) { tables in
            tables.jobs(domainID, page, filter).map { tables.summary(of: $0) }
        }
    }

    package func receipts(domainID: DomainID, _ page: Page) async throws(LedgerError) -> [Receipt] {
        try perform(.views) { tables in
            let receipts = tables.keptJobs.filter { $0.job.domainID == domainID }.compactMap(\.receipt)
                .filter { $0.id.rawValue > page.after }.sorted { $0.id < $1.id }
            return Array(receipts.prefix(page.limit))
        }
    }

    package func targets(domainID: DomainID, _ page: Page) async throws(LedgerError) -> [Target] {
        try perform(.views) { tables in
            let targets = tables.liveTargets.filter { $0.domainID == domainID && $0.id.rawValue > page.after }
            return Array(targets.prefix(page.limit))
        }
    }

    package func deadLetters(
        domainID: DomainID, _ page: Page, filter: JobFilter
    ) async throws(LedgerError) -> [DeadLetterSummary] {
        try perform(.views) { tables in
            var dead = filter
            guard dead.status ?? .failed == .failed else { return [] }
            dead.status = .failed
            let whole = Page(after: page.after, limit: .max)
            let letters = tables.jobs(domainID, whole, dead).compactMap { row -> DeadLetterSummary? in
                guard row.isDeadLetter, let diedAt = row.diedAt, let payload = row.payload,
                    filter.diedFrom.map({ diedAt >= $0 }) ?? true, filter.diedBefore.map({ diedAt < $0 }) ?? true
                else { return nil }
                return DeadLetterSummary(
                    job: row.job, diedAt: diedAt, payloadBytes: payload.bytes.count,
                    isReplayable: tables.summary(of: row).isReplayable)
            }
            return Array(letters.prefix(page.limit))
        }
    }

    package func deadLetter(_ id: JobID, domainID: DomainID) async throws(LedgerError) -> DeadLetter? {
        try perform(.views) { tables in
            guard let row = tables.job(id), tables.plan(row.job.planID)?.plan.domainID == domainID else { return nil }
            return row.deadLetter
        }
    }

    package func totals() async throws(LedgerError) -> LedgerTotals {
        try perform(.views) { tables in
            var counts = JobCounts()
            for row in tables.keptJobs { counts[row.job.status] += 1 }
            let due = tables.scheduledJobs.filter { $0.dueAt <= tables.latest }.count
            return LedgerTotals(
                jobs: counts, owedJobs: tables.owedJobs.count + due,
                scheduledJobs: tables.jobs.map(\.job).count {
                    $0.isScheduled && $0.nextAttemptAt ?? $0.createdAt > tables.latest
                },
                owedEvents: tables.events.count, targets: tables.liveTargets.count)
        }
    }
}

extension InMemoryTables {
    fileprivate func jobs(_ domain: DomainID, _ page: Page, _ filter: JobFilter) -> [JobRow] {
        let matching = keptJobs.filter { row in
            let job = row.job
            return job.domainID == domain && job.id.rawValue > page.after
                && filter.planID ?? job.planID == job.planID && filter.targetID ?? job.targetID == job.targetID
                && filter.channelType ?? job.channelType == job.channelType
                && filter.status ?? job.status == job.status
                && (filter.errorCode == nil || filter.errorCode == job.lastError?.code)
        }
        return Array(matching.prefix(page.limit))
    }

    fileprivate func summary(of row: JobRow) -> JobSummary {
        let target = target(row.job.targetID)
        let isActive = target.map { $0.target.isActive && !$0.isDeleted } ?? false
        return JobSummary(
            job: row.job, receipt: row.receipt, isTargetActive: isActive,
            targetPause: target?.target.pause,
            isReplayable: target?.isDeleted == false && row.payload != nil
                && plan(row.job.planID)?.plan.status != .cancelled)
    }
}

extension JobStatus {
    /// Failed first, then open, then the others.
    fileprivate var rank: Int {
        switch self {
        case .failed: 0
        case .queued, .running, .retrying: 1
        case .succeeded, .blocked, .cancelled: 2
        }
    }
}
