/// A target as an audit of its messages needs it.
package struct AuditTarget: Sendable, Hashable {
    package let queue: TargetQueue
    package let isActive: Bool
    /// Whether its consumer may hold messages back.
    package let isRateLimited: Bool

    package init(queue: TargetQueue, isActive: Bool, isRateLimited: Bool) {
        self.queue = queue
        self.isActive = isActive
        self.isRateLimited = isRateLimited
    }
}

/// How the open jobs of one target wait.
package struct WaitingJobs: Sendable, Hashable {
    /// Their message was confirmed, and they are due and untouched since before the moment that was asked for.
    package var settled = 0
    /// As settled ones, only more recent: their message may still be on its way.
    package var recent = 0
    /// Their message was confirmed, and they are due only later.
    package var delayed = 0
    /// Their newest message was not confirmed yet.
    package var unconfirmed = 0
    /// An attempt is under way.
    package var running = 0
    /// They wait for the time of their plan, in the ledger alone.
    package var held = 0

    package init() {}

    package var open: Int { settled + recent + delayed + unconfirmed + running + held }

    package mutating func add(_ others: WaitingJobs) {
        settled += others.settled
        recent += others.recent
        delayed += others.delayed
        unconfirmed += others.unconfirmed
        running += others.running
        held += others.held
    }
}

/// When a job counts as settled, and when as delayed.
package struct WaitingCutoffs: Sendable, Hashable {
    /// Settled: due and untouched since this moment or longer.
    package let settledBefore: Timestamp
    /// Delayed, or held where they wait for the time of their plan: due after this moment.
    package let delayedAfter: Timestamp

    package init(settledBefore: Timestamp, delayedAfter: Timestamp) {
        self.settledBefore = settledBefore
        self.delayedAfter = delayedAfter
    }
}

/// A part of all open jobs, counted by target.
package struct WaitingJobsPage: Sendable, Hashable {
    /// Where a count goes on: after this job of this target.
    package struct Position: Sendable, Hashable {
        package let target: TargetID
        package let job: JobID

        package init(target: TargetID, job: JobID) {
            self.target = target
            self.job = job
        }

        package static let start = Position(target: TargetID(0), job: JobID(0))
    }

    package let byTarget: [TargetID: WaitingJobs]
    /// nil after the last page.
    package let next: Position?

    package init(byTarget: [TargetID: WaitingJobs], next: Position?) {
        self.byTarget = byTarget
        self.next = next
    }
}

/// What else tells whether the ledger stands still.
package struct LedgerPulse: Sendable, Hashable {
    package let owedEvents: Int
    package let owedDeadLetters: Int
    /// Grows with every plan, attempt and event.
    package let activity: Int64

    package init(owedEvents: Int, owedDeadLetters: Int, activity: Int64) {
        self.owedEvents = owedEvents
        self.owedDeadLetters = owedDeadLetters
        self.activity = activity
    }
}
