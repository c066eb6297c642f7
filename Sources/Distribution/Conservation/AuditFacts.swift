/// How far an audit of plans and jobs has come: everything up to these ids has been looked at.
package struct AuditPosition: Sendable, Hashable {
    package let plan: PlanID
    package let job: JobID

    package init(plan: PlanID, job: JobID) {
        self.plan = plan
        self.job = job
    }

    package static let start = AuditPosition(plan: PlanID(0), job: JobID(0))
}

/// Plans with all their jobs and attempts, as one state of the ledger has them.
package struct AuditPage: Sendable {
    package let plans: [PlanAuditFacts]
    /// By ascending id; those of the page's plans, and whatever else has an id among theirs.
    package let jobs: [JobAuditFacts]
    /// Attempts with a job id in the page's range that no job has.
    package let strayAttempts: [AttemptID]
    /// The newest opening of the ledger: attempts of any other are those of a dead process.
    package let incarnation: Int64
    /// Plans that are being removed: what is left of their jobs is nobody's any more.
    package let removals: [PlanRemoval]
    /// nil after the last page.
    package let next: AuditPosition?

    package init(
        plans: [PlanAuditFacts], jobs: [JobAuditFacts], strayAttempts: [AttemptID], incarnation: Int64,
        removals: [PlanRemoval] = [], next: AuditPosition?
    ) {
        self.plans = plans
        self.jobs = jobs
        self.strayAttempts = strayAttempts
        self.incarnation = incarnation
        self.removals = removals
        self.next = next
    }
}

/// What an audit has to know of a plan.
package struct PlanAuditFacts: Sendable, Hashable {
    package let id: PlanID
    /// nil where the ledger holds a word that is no status.
    package let status: PlanStatus?
    package let counts: JobCounts
    package let hasBegun: Bool
    package let isComplete: Bool
    /// The ids of its jobs; as many as targets were resolved when it was accepted.
    package let firstJobID: JobID
    package let lastJobID: JobID

    package init(
        id: PlanID, status: PlanStatus?, counts: JobCounts, hasBegun: Bool, isComplete: Bool, firstJobID: JobID,
        lastJobID: JobID
    ) {
        self.id = id
        self.status = status
        self.counts = counts
        self.hasBegun = hasBegun
        self.isComplete = isComplete
        self.firstJobID = firstJobID
        self.lastJobID = lastJobID
    }

    var targetCount: Int64 { lastJobID.rawValue - firstJobID.rawValue + 1 }
}

/// What an audit has to know of a job.
package struct JobAuditFacts: Sendable, Hashable {
    package enum PayloadState: Int64, Sendable, Hashable {
        /// The job names none.
        case none
        /// It names one that is not there.
        case missing
        /// It names one of other bytes.
        case other
        case present
        /// Not looked at, as it is not needed any more.
        case unchecked
    }

    package var id: JobID
    package var planID: PlanID
    package var targetID: TargetID
    package var hasTarget = true
    /// nil where the ledger holds a word that is no status.
    package var status: JobStatus?
    package var epoch: Int64 = 1
    package var publishedEpoch: Int64 = 0
    /// How many attempts it counts.
    package var attempt = 0
    package var openAttemptID: AttemptID?
    package var receiptID: ReceiptID?
    /// Whose receipt that is; nil where it is not there.
    package var receiptJobID: JobID?
    /// Marked as at its end, with nothing under way.
    package var hasEnded = false
    /// Marked as dead.
    package var hasDied = false
    /// Whether its dead letter is owed, published or purged.
    package var hasDeadLetter = false
    package var isPurged = false
    package var payload = PayloadState.present
    package var attempts = AttemptTally()

    package init(id: JobID, planID: PlanID, targetID: TargetID, status: JobStatus?) {
        self.id = id
        self.planID = planID
        self.targetID = targetID
        self.status = status
    }
}

/// The attempts of one job, taken in the order of their ids.
package struct AttemptTally: Sendable, Hashable {
    package private(set) var count = 0
    package private(set) var accepted = 0
    package private(set) var open = 0
    /// Of the last open one.
    package private(set) var openID: AttemptID?
    package private(set) var openIncarnation: Int64?
    /// Whether they are numbered 1, 2, 3 … in the order in which they were begun.
    package private(set) var isGapless = true

    package init() {}

    package mutating func add(_ id: AttemptID, number: Int, isOpen: Bool, isAccepted: Bool, incarnation: Int64) {
        count += 1
        if number != count { isGapless = false }
        if isAccepted { accepted += 1 }
        guard isOpen else { return }
        open += 1
        openID = id
        openIncarnation = incarnation
    }
}
