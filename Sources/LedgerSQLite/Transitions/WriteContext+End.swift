import Distribution

extension WriteContext {
    /// Ends a job that no attempt has just ended: `blocked` or `cancelled`. Owes its event and, with the last job,
    /// `plan.completed`.
    ///
    /// A running job that is cancelled keeps its attempt open: it ends when that is recorded.
    func end(_ row: JobRow, as status: JobStatus, _ error: DeliveryError?, at time: Timestamp) throws {
        var update = try query(
            """
            UPDATE distribution_jobs
            SET status = ?, nextAttemptAt = NULL, errorCode = ?, lastError = ?, errorStatusCode = ?, errorCertainty = ?,
                publishedEpoch = epoch, updatedAt = ?, endedAt = ?
            WHERE id = ? AND status IN ('queued', 'retrying', 'running')
            """)
        update.bind(status.rawValue)
        update.bind(error)
        update.bind(time)
        update.bind(row.openAttemptID == nil ? time : nil)
        update.bind(row.job.id)
        try runOnce(update)

        memory.forgetRunning(row.job.id)
        var ended = row
        ended.job.status = status
        ended.job.nextAttemptAt = nil
        ended.job.lastError = error
        let event: JobEvent = status == .blocked ? .blocked : .cancelled
        try tell(event, of: ended, from: row.job.status, receipt: nil, at: time)
    }

    /// Moves the plan's counts along with its job, owes the job's event, then what follows for the plan: of a cancelled
    /// one `plan.cancelled`, once none of its jobs is open.
    ///
    /// - Parameters:
    ///   - row: The job as it stands now.
    ///   - old: Where it stood before.
    func tell(
        _ event: JobEvent, of row: JobRow, from old: JobStatus, receipt: Receipt?, at time: Timestamp
    ) throws {
        var plan = try plan(row.job.planID)
        move(&plan, from: old, to: row.job.status)
        let facts = plan.facts
        let status = plan.status == .cancelled ? .cancelled : plan.counts.planStatus(hasBegun: plan.hasBegun)
        let jobFacts = row.facts
        try owe(&plan, at: time) {
            $0.job(event, $1, facts, planStatus: status, job: jobFacts, receipt: receipt)
        }
        let isLastOpen = !old.isFinal && plan.counts.open == 0
        if plan.status == .cancelled, isLastOpen {
            let counts = plan.counts
            try owe(&plan, at: time) { $0.planCancelled($1, facts, status: .cancelled, counts: counts) }
        }
        try settle(&plan, at: time)
        memory.remember(plan, isWritten: false)
    }
}
