/// Jobs that wait for the time of their plan: queued, with `nextAttemptAt`, and never confirmed in their epoch.
///
/// They wait in the ledger alone and are owed once they are due. What is handed out stays here until the broker has
/// confirmed it, so the same is found again after a restart, and by whoever starts from the beginning.
package protocol ScheduleLedger: Sendable {
    /// Jobs of active targets that are due by `moment` and come after a position, in the order of their times and ids,
    /// whole with their bytes. Fewer than `limit` mean that there are no more.
    func dueJobs(after position: SchedulePosition, by moment: Timestamp, limit: Int) async throws(LedgerError)
        -> [OwedJob]
    /// The earliest time after `moment` that a job waits for; nil where none does.
    func nextDueTime(after moment: Timestamp) async throws(LedgerError) -> Timestamp?
}

/// A place in the order of scheduled jobs: everything up to this job of this time.
package struct SchedulePosition: Sendable, Hashable, Comparable {
    package let dueAt: Timestamp
    package let jobID: JobID

    package init(dueAt: Timestamp, jobID: JobID) {
        self.dueAt = dueAt
        self.jobID = jobID
    }

    /// Before every job.
    package static let start = SchedulePosition(before: Timestamp(milliseconds: 0))

    /// Before the first job of a time.
    package init(before time: Timestamp) {
        self.init(dueAt: time, jobID: JobID(0))
    }

    /// Behind the last job of a time.
    package init(behind time: Timestamp) {
        self.init(dueAt: time, jobID: JobID(.max))
    }

    package static func < (one: Self, other: Self) -> Bool {
        (one.dueAt, one.jobID) < (other.dueAt, other.jobID)
    }
}

extension OwedJob {
    package var schedulePosition: SchedulePosition { SchedulePosition(dueAt: dueAt, jobID: claim.jobID) }
}
