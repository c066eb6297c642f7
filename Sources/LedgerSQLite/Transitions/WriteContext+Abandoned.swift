import Distribution

extension WriteContext {
    /// Closes up to `limit` attempts that an earlier incarnation left open.
    ///
    /// - Returns: How many there were; fewer than `limit` means that none is left.
    func closeAbandonedAttempts(at now: Timestamp, limit: Int) throws -> Int {
        var select = try query(
            """
            SELECT j.id FROM distribution_jobs AS j INDEXED BY jobs_open_by_target
            JOIN distribution_attempts AS a ON a.id = j.openAttemptId
            WHERE j.endedAt IS NULL AND a.incarnation <> ? LIMIT ?
            """)
        select.bind(services.incarnation)
        select.bind(limit)
        let ids: [JobID] = try select.all { $0.id(0) }
        for id in ids.sorted() {
            guard var row = try job(id), let attempt = row.openAttemptID else { continue }
            try closeAsAmbiguous(attempt, of: &row, at: now, reissue: true)
        }
        return ids.count
    }

    /// Closes an attempt whose process is gone: it may have arrived, and counts.
    ///
    /// The job becomes `retrying`, due at once, or `failed` where its schedule is used up.
    ///
    /// - Parameter reissue: Whether the job needs a new message; where one is in hand it goes on with that, and nothing
    ///   is told, since the next attempt follows at once.
    func closeAsAmbiguous(_ attempt: AttemptID, of row: inout JobRow, at now: Timestamp, reissue: Bool) throws {
        needsDurability = true
        let error = DeliveryError(
            code: .connectionReset, message: "Clawcast ended while the attempt was under way.", certainty: .ambiguous)
        try closeAttempt(attempt, error, at: now)
        guard row.job.status == .running else { return try endCancelled(&row, at: now) }
        guard row.job.scheduleStep + 1 < row.job.maxAttempts else { return try fail(&row, at: now, error) }
        guard !reissue else { return try retry(&row, at: now, due: now, error) }

        var update = try query(
            """
            UPDATE distribution_jobs
            SET status = 'retrying', scheduleStep = scheduleStep + 1, openAttemptId = NULL, nextAttemptAt = NULL,
                errorCode = ?, lastError = ?, errorStatusCode = ?, errorCertainty = ?, updatedAt = ?
            WHERE id = ? AND status = 'running'
            """)
        update.bind(error)
        update.bind(now)
        update.bind(row.job.id)
        try runOnce(update)
        var plan = try plan(row.job.planID)
        move(&plan, from: .running, to: .retrying)
        memory.remember(plan, isWritten: false)
        guard let waiting = try job(row.job.id) else { return }
        row = waiting
    }

    private func closeAttempt(_ attempt: AttemptID, _ error: DeliveryError, at now: Timestamp) throws {
        var update = try query(
            """
            UPDATE distribution_attempts
            SET finishedAt = ?, certainty = 'ambiguous', errorCode = ?, error = ?, errorStatusCode = ?,
                errorCertainty = ?
            WHERE id = ? AND finishedAt IS NULL
            """)
        update.bind(now)
        update.bind(error)
        update.bind(attempt)
        try runOnce(update)
    }
}
