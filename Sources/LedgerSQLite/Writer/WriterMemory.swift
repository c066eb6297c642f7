import Distribution

/// What the writer remembers between transactions, so as not to read it again; all of it can be forgotten any time.
struct WriterMemory: Sendable {
    static let planLimit = 4096
    static let runningLimit = 4096

    /// Plans in use, by id.
    private(set) var plans: [PlanID: PlanState] = [:]
    /// Plans whose row is behind ``plans``; empty between transactions.
    private(set) var changedPlans: Set<PlanID> = []
    /// Jobs with an attempt under way that this process has begun; whatever else moves one has to forget it here.
    private var runningJobs: [JobID: JobRow] = [:]
    /// The domain of every target that is not deleted; nil until it is asked for.
    var liveTargets: [TargetID: DomainID]?
    /// Whether a cancellation may be waiting for its plan; true until it has been looked for.
    var mayHoldCancellations = true
    /// The id that the next row of a table will get; none until it is asked for.
    var nextIDs: [NumberedTable: Int64] = [:]

    private var clock: UInt64 = 0

    mutating func plan(_ id: PlanID) -> PlanState? {
        guard let index = plans.index(forKey: id) else { return nil }
        clock += 1
        plans.values[index].lastUse = clock
        return plans.values[index]
    }

    /// - Parameter isWritten: Whether the row says the same already.
    mutating func remember(_ plan: PlanState, isWritten: Bool) {
        clock += 1
        var plan = plan
        plan.lastUse = clock
        plans[plan.facts.id] = plan
        if !isWritten { changedPlans.insert(plan.facts.id) }
    }

    mutating func remember(_ running: JobRow) {
        runningJobs[running.job.id] = running
    }

    mutating func takeRunning(_ id: JobID) -> JobRow? {
        runningJobs.removeValue(forKey: id)
    }

    mutating func forgetRunning(_ id: JobID) {
        runningJobs[id] = nil
    }

    /// Forgets a plan whose row is gone.
    mutating func forget(_ id: PlanID) {
        plans[id] = nil
        changedPlans.remove(id)
    }

    mutating func takeChangedPlans() -> [PlanState] {
        defer { changedPlans.removeAll(keepingCapacity: true) }
        return changedPlans.sorted().compactMap { plans[$0] }
    }

    /// Forgets the half that was used longest ago, once there are too many.
    mutating func trim() {
        if runningJobs.count > Self.runningLimit { runningJobs = [:] }
        guard plans.count > Self.planLimit else { return }
        let uses = plans.values.map(\.lastUse).sorted()
        let oldest = uses[uses.count / 2]
        plans = plans.filter { $0.value.lastUse > oldest }
    }
}

/// A table whose ids are given out before its rows are inserted.
enum NumberedTable: String {
    case plans = "distribution_plans"
    case jobs = "distribution_jobs"
    case attempts = "distribution_attempts"
    case receipts = "distribution_receipts"
}

/// The moving parts of a plan, as its row has them after the transaction.
struct PlanState: Sendable {
    let facts: PlanFacts
    var status: PlanStatus
    var counts: JobCounts
    /// Whether an attempt of any of its jobs has ever begun.
    var hasBegun: Bool
    /// Of its newest event.
    var sequence: Int64
    var completedAt: Timestamp?
    fileprivate(set) var lastUse: UInt64 = 0

    init(
        facts: PlanFacts, status: PlanStatus, counts: JobCounts, hasBegun: Bool, sequence: Int64,
        completedAt: Timestamp?
    ) {
        self.facts = facts
        self.status = status
        self.counts = counts
        self.hasBegun = hasBegun
        self.sequence = sequence
        self.completedAt = completedAt
    }
}
