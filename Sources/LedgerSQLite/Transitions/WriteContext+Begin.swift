import Distribution

extension WriteContext {
    func job(_ id: JobID) throws -> JobRow? {
        // The columns of ``JobRow/columns``; a literal, so that it is prepared once.
        var select = try query(
            """
            SELECT id, planId, domainId, targetId, channelType, deliveryId, payloadDigest, epoch, publishedEpoch,
                   attempt, scheduleStep, maxAttempts, status, nextAttemptAt, policyExpiresAt, errorCode, lastError,
                   errorStatusCode, errorCertainty, createdAt, updatedAt, openAttemptId, firstAttemptAt
            FROM distribution_jobs WHERE id = ?
            """)
        select.bind(id)
        return try select.first(JobRow.init(columns:))
    }

    /// Decides on a job message and opens its attempt where it may start.
    func begin(_ request: AttemptRequest) throws -> AttemptDecision {
        var row = try job(request.claim.jobID)
        if row == nil, try wasRemoved(request.claim) { return .stale }
        let admission = AttemptAdmission.decide(on: row?.job, for: request)
        if case .mismatch(let reason) = admission {
            return .mismatch(DeliveryError(code: .jobMismatch, message: reason))
        }
        if let openID = row?.openAttemptID, request.claim.epoch == row?.job.epoch {
            guard try !isOfThisIncarnation(openID) else { return .inFlight }
            try closeAbandonedAttempt(openID, of: &row, at: request.startedAt)
        }
        guard let row else { return .stale }
        // Its plan was called off a moment ago, and its turn to be so comes.
        if !row.job.status.isFinal, try plan(row.job.planID).status == .cancelled { return .stale }
        switch AttemptAdmission.decide(on: row.job, for: request) {
        case .start:
            let isUncertain = request.isRedelivered && services.uncertainBefore.map { row.job.updatedAt < $0 } ?? false
            return .start(try start(isUncertain ? addLostAttempt(of: row, at: request.startedAt) : row, request))
        case .early(let dueAt): return .early(dueAt: dueAt, attempt: row.job.attempt + 1)
        case .stale, .mismatch: return .stale
        case .expired:
            try block(row, at: request.startedAt)
            return .blocked
        }
    }

    /// Whether a job and its plan had these ids once: the message is older than what retention keeps.
    private func wasRemoved(_ claim: JobClaim) throws -> Bool {
        guard try claim.jobID.rawValue <= highestID(of: .jobs), try claim.planID.rawValue <= highestID(of: .plans)
        else {
            return false
        }
        var select = try query("SELECT 1 FROM distribution_plans WHERE id = ?")
        select.bind(claim.planID)
        return try select.first { _ in true } == nil
    }

    private func closeAbandonedAttempt(_ attempt: AttemptID, of row: inout JobRow?, at time: Timestamp) throws {
        guard var present = row else { return }
        try closeAsAmbiguous(attempt, of: &present, at: time, reissue: false)
        row = present
    }

    /// Writes down the attempt that a stop of the machine may have taken out of the ledger: opening one need not be on
    /// disk before its request leaves, and then a message that was handed out before is all that is left of it.
    ///
    /// It does not use up the schedule, since nobody knows that it was made.
    private func addLostAttempt(of row: JobRow, at time: Timestamp) throws -> JobRow {
        needsDurability = true
        let error = DeliveryError(
            code: .connectionReset, message: "The machine stopped, perhaps while an attempt was under way.",
            certainty: .ambiguous)
        var insert = try query(
            """
            INSERT INTO distribution_attempts (id, jobId, number, incarnation, startedAt, finishedAt, certainty,
                errorCode, error, errorStatusCode, errorCertainty)
            VALUES (?, ?, ?, ?, ?, ?, 'ambiguous', ?, ?, ?, ?)
            """)
        insert.bind(AttemptID(try takeIDs(of: .attempts)))
        insert.bind(row.job.id)
        insert.bind(row.job.attempt + 1)
        insert.bind(services.incarnation)
        insert.bind(row.job.updatedAt)
        insert.bind(time)
        insert.bind(error)
        try insert.run()
        var attempted = row
        attempted.job.attempt += 1
        return attempted
    }

    /// `queued|retrying → running`
    private func start(_ row: JobRow, _ request: AttemptRequest) throws -> AttemptGrant {
        let job = row.job
        let grant = AttemptGrant(
            attemptID: try addAttempt(number: job.attempt + 1, of: job.id, at: request.startedAt),
            claim: request.claim, number: job.attempt + 1, scheduleStep: job.scheduleStep,
            maxAttempts: job.maxAttempts, startedAt: request.startedAt, firstAttemptAt: row.firstAttemptAt)
        // A message that arrived was published, whether or not its confirm is noted yet.
        var update = try query(
            """
            UPDATE distribution_jobs
            SET status = 'running', publishedEpoch = epoch, attempt = ?, openAttemptId = ?,
                firstAttemptAt = coalesce(firstAttemptAt, ?), updatedAt = ?
            WHERE id = ? AND status IN ('queued', 'retrying') AND openAttemptId IS NULL
            """)
        update.bind(grant.number)
        update.bind(grant.attemptID)
        update.bind(grant.startedAt)
        update.bind(grant.startedAt)
        update.bind(job.id)
        try runOnce(update)

        var plan = try plan(job.planID)
        move(&plan, from: job.status, to: .running)
        plan.hasBegun = true
        try settle(&plan, at: request.startedAt)
        memory.remember(plan, isWritten: false)
        memory.remember(row.running(grant))
        return grant
    }

    /// Opens an attempt, whose row is inserted at the end of the transaction.
    func addAttempt(number: Int, of job: JobID, at time: Timestamp) throws -> AttemptID {
        let id = AttemptID(try takeIDs(of: .attempts))
        pending.attempts.append(PendingRows.Attempt(id: id, jobID: job, number: number, startedAt: time))
        return id
    }

    private func isOfThisIncarnation(_ attempt: AttemptID) throws -> Bool {
        if pending.attempts.contains(where: { $0.id == attempt }) { return true }
        var select = try query("SELECT incarnation FROM distribution_attempts WHERE id = ?")
        select.bind(attempt)
        return try select.first { $0.integer(0) } == services.incarnation
    }

    /// `queued|retrying → blocked`: the licence has ended.
    private func block(_ row: JobRow, at time: Timestamp) throws {
        needsDurability = true
        let error = DeliveryError(code: .policyExpired, message: "The licence ended before the job was delivered.")
        try end(row, as: .blocked, error, at: time)
    }

    /// Runs an update that must change exactly the row whose state was read before.
    func runOnce(_ update: Query) throws {
        try update.run()
        guard changedRows == 1 else {
            throw LedgerError(
                kind: .invalid, message: "The ledger is damaged: a job is not in the state that was just read.")
        }
    }
}

extension JobRow {
    /// The same job with an attempt under way.
    fileprivate func running(_ grant: AttemptGrant) -> JobRow {
        var row = self
        row.job.status = .running
        row.job.publishedEpoch = job.epoch
        row.job.attempt = grant.number
        row.job.nextAttemptAt = nil
        row.openAttemptID = grant.attemptID
        row.firstAttemptAt = firstAttemptAt ?? grant.startedAt
        return row
    }
}
