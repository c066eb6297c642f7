import Distribution

extension WriteContext {
    /// Closes an attempt and moves its job, receipt and plan.
    ///
    /// A report of an attempt that is closed already changes nothing and tells how the job stands.
    func record(_ report: AttemptReport) throws -> RecordedAttempt {
        let grant = report.grant
        guard var row = try memory.takeRunning(grant.claim.jobID) ?? job(grant.claim.jobID) else {
            throw LedgerError(kind: .invalid, message: "No job has the id of this attempt.")
        }
        guard row.openAttemptID == grant.attemptID else { return standing(row, grant) }
        let isCancelled = row.job.status == .cancelled
        if case .givenBack = report.resolution {
            try forget(grant.attemptID)
            try giveBack(&row, grant, at: report.finishedAt)
            return standing(row, grant)
        }
        try close(report)
        var changed = try report.finding.flatMap { try apply($0, to: row.job.targetID, at: report.finishedAt) }
        if let circuit = report.circuit { try note(circuit, of: row.job.targetID) }
        switch report.resolution {
        case .succeeded(let externalID, let externalURL):
            try succeed(&row, report, externalID: externalID, externalURL: externalURL)
        case .targetGone(let reason, _) where isCancelled:
            try endCancelled(&row, at: report.finishedAt)
            changed = try disableTarget(row.job.targetID, reason: reason, at: report.finishedAt) ?? changed
        case _ where isCancelled: try endCancelled(&row, at: report.finishedAt)
        case .retry(let due, let error): try retry(&row, at: report.finishedAt, due: due, error)
        case .throttled(let until, let error):
            try retry(&row, at: report.finishedAt, due: until, error, counts: false)
        case .failed(let error): try fail(&row, at: report.finishedAt, error)
        case .targetGone(let reason, let error):
            try retry(&row, at: report.finishedAt, due: nil, error)
            changed = try disableTarget(row.job.targetID, reason: reason, at: report.finishedAt) ?? changed
        case .givenBack: break
        }
        return standing(row, grant, changed)
    }

    private func standing(_ row: JobRow, _ grant: AttemptGrant, _ target: Target? = nil) -> RecordedAttempt {
        let job = row.job
        let isOwed = !job.status.isFinal && job.publishedEpoch < job.epoch
        return RecordedAttempt(
            status: job.status, epoch: isOwed ? job.epoch : grant.claim.epoch, nextAttemptAt: job.nextAttemptAt,
            firstAttemptAt: row.firstAttemptAt ?? grant.startedAt, changedTarget: target)
    }

    private func close(_ report: AttemptReport) throws {
        var update = try query(
            """
            UPDATE distribution_attempts
            SET finishedAt = ?, durationMs = ?, statusCode = ?, certainty = ?, errorCode = ?, error = ?,
                errorStatusCode = ?, errorCertainty = ?, responseExcerpt = ?
            WHERE id = ? AND finishedAt IS NULL
            """)
        update.bind(report.finishedAt)
        update.bind(report.result.durationMilliseconds)
        update.bind(report.result.statusCode)
        update.bind(report.certainty.rawValue)
        update.bind(report.resolution.error)
        update.bind(report.result.responseExcerpt)
        update.bind(report.grant.attemptID)
        try runOnce(update)
    }

    /// An attempt that was given back is not counted and leaves no row.
    private func forget(_ attempt: AttemptID) throws {
        var delete = try query("DELETE FROM distribution_attempts WHERE id = ? AND finishedAt IS NULL")
        delete.bind(attempt)
        try runOnce(delete)
    }

    /// `running → succeeded`, or `cancelled → succeeded` where it was called off too late.
    private func succeed(
        _ row: inout JobRow, _ report: AttemptReport, externalID: String?, externalURL: String?
    ) throws {
        let time = report.finishedAt
        let receipt = try addReceipt(
            row.job, report, externalID: externalID, externalURL: externalURL)
        var update = try query(
            """
            UPDATE distribution_jobs
            SET status = 'succeeded', publishedEpoch = epoch, scheduleStep = scheduleStep + 1, openAttemptId = NULL,
                nextAttemptAt = NULL, errorCode = NULL, lastError = NULL, errorStatusCode = NULL, errorCertainty = NULL,
                receiptId = ?, updatedAt = ?, endedAt = ?
            WHERE id = ? AND openAttemptId = ?
            """)
        update.bind(receipt.id)
        update.bind(time)
        update.bind(time)
        update.bind(row.job.id)
        update.bind(report.grant.attemptID)
        try runOnce(update)
        let old = row.job.status
        row.leave(as: .succeeded, nil)
        try tell(.succeeded, of: row, from: old, receipt: receipt, at: time)
    }

    private func addReceipt(
        _ job: Job, _ report: AttemptReport, externalID: String?, externalURL: String?
    ) throws -> Receipt {
        let meta = ResponseMeta(
            statusCode: report.result.statusCode, durationMilliseconds: report.result.durationMilliseconds)
        let receipt = Receipt(
            id: ReceiptID(try takeIDs(of: .receipts)), jobID: job.id, externalID: externalID, externalURL: externalURL,
            deliveredAt: report.finishedAt, responseMeta: meta)
        pending.receipts.append(
            PendingRows.Receipt(receipt: receipt, domainID: job.domainID, meta: meta.encoded))
        return receipt
    }

    /// `running → retrying`, handed to the broker anew. Without a time it waits until its target is enabled.
    ///
    /// - Parameter counts: Whether the attempt uses up a place of the job's schedule.
    func retry(
        _ row: inout JobRow, at time: Timestamp, due: Timestamp?, _ error: DeliveryError, counts: Bool = true
    ) throws {
        let step = row.job.scheduleStep + (counts ? 1 : 0)
        var update = try query(
            """
            UPDATE distribution_jobs
            SET status = 'retrying', epoch = epoch + 1, scheduleStep = ?, openAttemptId = NULL,
                nextAttemptAt = ?, errorCode = ?, lastError = ?, errorStatusCode = ?, errorCertainty = ?, updatedAt = ?
            WHERE id = ? AND status = 'running'
            """)
        update.bind(step)
        update.bind(due)
        update.bind(error)
        update.bind(time)
        update.bind(row.job.id)
        try runOnce(update)
        row.leave(as: .retrying, error)
        row.job.scheduleStep = step
        row.job.epoch += 1
        row.job.nextAttemptAt = due
        try tell(.retrying, of: row, from: .running, receipt: nil, at: time)
    }

    /// `running → failed`: a dead letter.
    func fail(_ row: inout JobRow, at time: Timestamp, _ error: DeliveryError) throws {
        var update = try query(
            """
            UPDATE distribution_jobs
            SET status = 'failed', publishedEpoch = epoch, scheduleStep = scheduleStep + 1, openAttemptId = NULL,
                nextAttemptAt = NULL, errorCode = ?, lastError = ?, errorStatusCode = ?, errorCertainty = ?,
                updatedAt = ?, endedAt = ?, diedAt = ?, deadLetter = 'owed'
            WHERE id = ? AND status = 'running'
            """)
        update.bind(error)
        update.bind(time)
        update.bind(time)
        update.bind(time)
        update.bind(row.job.id)
        try runOnce(update)
        row.leave(as: .failed, error)
        try tell(.failed, of: row, from: .running, receipt: nil, at: time)
    }

    /// `running → queued|retrying` as before; a cancelled job stays so and has now ended.
    private func giveBack(_ row: inout JobRow, _ grant: AttemptGrant, at time: Timestamp) throws {
        guard row.job.status == .running else {
            row.job.attempt -= 1
            return try endCancelled(&row, at: time)
        }
        let status = row.waitingStatus
        var update = try query(
            """
            UPDATE distribution_jobs
            SET status = ?, attempt = attempt - 1, openAttemptId = NULL,
                firstAttemptAt = CASE WHEN attempt = 1 THEN NULL ELSE firstAttemptAt END, updatedAt = ?
            WHERE id = ? AND status = 'running'
            """)
        update.bind(status.rawValue)
        update.bind(time)
        update.bind(row.job.id)
        try runOnce(update)
        var plan = try plan(row.job.planID)
        move(&plan, from: .running, to: status)
        memory.remember(plan, isWritten: false)
        guard let waiting = try job(row.job.id) else { return }
        row = waiting
    }

    /// The open attempt of a cancelled job has ended without success: nothing more can happen.
    func endCancelled(_ row: inout JobRow, at time: Timestamp) throws {
        var update = try query(
            """
            UPDATE distribution_jobs SET openAttemptId = NULL, attempt = ?, updatedAt = ?, endedAt = ?
            WHERE id = ? AND status = 'cancelled'
            """)
        update.bind(row.job.attempt)
        update.bind(time)
        update.bind(time)
        update.bind(row.job.id)
        try runOnce(update)
        row.openAttemptID = nil
    }
}

extension JobRow {
    /// What every end of an attempt has in common.
    fileprivate mutating func leave(as status: JobStatus, _ error: DeliveryError?) {
        // Its message may never have been needed; a final job owes none.
        if status.isFinal { job.publishedEpoch = job.epoch }
        job.status = status
        job.scheduleStep += 1
        job.nextAttemptAt = nil
        job.lastError = error
        openAttemptID = nil
    }
}

extension AttemptReport.Resolution {
    fileprivate var error: DeliveryError? {
        switch self {
        case .retry(_, let error), .throttled(_, let error), .failed(let error), .targetGone(_, let error): error
        case .succeeded, .givenBack: nil
        }
    }
}

extension ResponseMeta {
    /// As JSON, in the words of the contract.
    var encoded: [UInt8] {
        var writer = JSONWriter(reservingCapacity: 48)
        writer.beginObject()
        writer.key("statusCode")
        writer.integer(statusCode.map(Int64.init))
        writer.key("durationMs")
        writer.integer(durationMilliseconds)
        writer.endObject()
        return writer.bytes
    }

    init?(encoded: [UInt8]) {
        guard let object = (try? JSON.parse(encoded))?.objectValue,
            let duration = object["durationMs"]?.integerValue
        else { return nil }
        self.init(statusCode: object["statusCode"]?.integerValue.map(Int.init), durationMilliseconds: duration)
    }
}
