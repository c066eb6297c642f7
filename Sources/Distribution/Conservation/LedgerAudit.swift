/// The ledger's part of conservation: takes in what the ledger holds, page by page, and keeps what contradicts itself.
///
/// Pure; each page is judged as the one state that it was read from, so a ledger that is written to meanwhile is judged
/// rightly.
package struct LedgerAudit: Sendable {
    package private(set) var findings = ConservationFindings()
    package private(set) var plans = 0
    package private(set) var jobs = JobCounts()
    package private(set) var attempts = 0
    package private(set) var receipts = 0
    package private(set) var owedEvents = 0
    package private(set) var payloads = 0
    private var sequences = EventSequences()

    package init() {}

    // MARK: Plans and jobs

    package mutating func take(_ page: AuditPage) {
        var tallies = Dictionary(page.plans.map { ($0.id, PlanTally()) }) { first, _ in first }
        let ranges = Dictionary(page.plans.map { ($0.id, $0) }) { first, _ in first }
        for job in page.jobs where !page.removals.contains(where: { $0.covers(job.id, of: job.planID) }) {
            if let status = job.status { jobs[status] += 1 }
            attempts += job.attempts.count
            if let plan = ranges[job.planID], plan.firstJobID <= job.id, job.id <= plan.lastJobID {
                tallies[job.planID]?.add(job)
            } else {
                findings.add(.jobWithoutPlan, "job \(job.id) of plan \(job.planID)")
            }
            for problem in job.problems(incarnation: page.incarnation) { findings.add(problem, "job \(job.id)") }
        }
        for plan in page.plans {
            plans += 1
            for problem in plan.problems(of: tallies[plan.id] ?? PlanTally()) {
                findings.add(problem, "plan \(plan.id)")
            }
        }
        for attempt in page.strayAttempts { findings.add(.attemptWithoutJob, "attempt \(attempt)") }
    }

    // MARK: The rest

    package mutating func take(_ page: ReceiptAuditPage) {
        receipts += page.count
        for receipt in page.strays { findings.add(.receiptStray, "receipt \(receipt)") }
    }

    package mutating func take(_ page: EventAuditPage) {
        owedEvents += page.entries.count
        for plan in sequences.take(page) { findings.add(.eventSequenceBroken, "plan \(plan)") }
    }

    package mutating func take(_ page: PayloadAuditPage) {
        payloads += page.count
        for payload in page.damaged { findings.add(.payloadDamaged, "payload \(payload)") }
    }

    /// - Parameter damages: What SQLite says about the file; none where it is sound.
    package mutating func take(fileDamages damages: [String]) {
        for damage in damages { findings.add(.fileDamaged, damage) }
    }
}

/// What a plan's jobs amount to.
struct PlanTally {
    private(set) var count = 0
    private(set) var counts = JobCounts()
    private var targets: Set<TargetID> = []

    mutating func add(_ job: JobAuditFacts) {
        count += 1
        targets.insert(job.targetID)
        if let status = job.status { counts[status] += 1 }
    }

    var hasDuplicates: Bool { targets.count < count }
}

extension PlanAuditFacts {
    func problems(of tally: PlanTally) -> [ConservationProblem] {
        var problems: [ConservationProblem] = []
        if Int64(tally.count) != targetCount || tally.hasDuplicates { problems.append(.planJobsWrong) }
        if counts != tally.counts { problems.append(.planCountsWrong) }
        if !isStatusRight { problems.append(.planStatusWrong) }
        return problems
    }

    private var isStatusRight: Bool {
        guard let status, isComplete == status.isFinal else { return false }
        return status == .cancelled || status == counts.planStatus(hasBegun: hasBegun)
    }
}
