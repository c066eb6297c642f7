import Distribution

extension InMemoryTables {
    mutating func begin(_ request: AttemptRequest) -> AttemptDecision {
        let id = request.claim.jobID
        if job(id) == nil, wasRemoved(request.claim) { return .stale }
        if case .mismatch(let reason) = AttemptAdmission.decide(on: job(id)?.job, for: request) {
            return .mismatch(DeliveryError(code: .jobMismatch, message: reason))
        }
        if let row = job(id), row.openAttempt != nil, request.claim.epoch == row.job.epoch {
            guard row.attempts.last?.incarnation != incarnation else { return .inFlight }
            closeAsAmbiguous(row, at: request.startedAt, reissue: false)
        }
        guard let row = job(id) else { return .stale }
        if !row.job.status.isFinal, plan(row.job.planID)?.plan.status == .cancelled { return .stale }
        switch AttemptAdmission.decide(on: row.job, for: request) {
        case .start:
            // A message that arrived was published.
            change(id) { $0.job.publishedEpoch = $0.job.epoch }
            return .start(start(row, request))
        case .early(let dueAt): return .early(dueAt: dueAt, attempt: row.job.attempt + 1)
        case .stale, .mismatch: return .stale
        case .expired:
            let error = DeliveryError(code: .policyExpired, message: "The licence has ended.")
            end(row, as: .blocked, error, at: request.startedAt)
            return .blocked
        }
    }

    mutating func start(_ row: JobRow, _ request: AttemptRequest) -> AttemptGrant {
        lastAttemptID += 1
        let (id, now, old) = (AttemptID(lastAttemptID), request.startedAt, row.job.status)
        let grant = AttemptGrant(
            attemptID: id, claim: request.claim, number: row.job.attempt + 1, scheduleStep: row.job.scheduleStep,
            maxAttempts: row.job.maxAttempts, startedAt: now, firstAttemptAt: row.firstAttemptAt)
        let attempt = Attempt(
            id: id, jobID: row.job.id, number: grant.number, startedAt: now, finishedAt: nil,
            durationMilliseconds: nil, statusCode: nil, certainty: nil, error: nil, responseExcerpt: nil)
        let opened = AttemptRow(attempt: attempt, incarnation: incarnation)
        change(row.job.id) { row in
            row.job.status = .running
            row.job.attempt = grant.number
            row.job.updatedAt = now
            row.dueBefore = row.job.nextAttemptAt
            row.job.nextAttemptAt = nil
            row.openAttempt = id
            row.firstAttemptAt = row.firstAttemptAt ?? now
            row.attempts.append(opened)
        }
        change(row.job.planID) { $0.hasBegun = true }
        move(row.job.planID, from: old, to: .running)
        settle(row.job.planID, at: now)
        return grant
    }

    mutating func record(_ report: AttemptReport) throws(LedgerError) -> RecordedAttempt {
        let (grant, now) = (report.grant, report.finishedAt)
        guard let row = job(grant.claim.jobID) else {
            throw LedgerError(kind: .invalid, message: "No job has the id of this attempt.")
        }
        guard row.openAttempt == grant.attemptID else { return standing(of: grant, row) }
        var changed: Target?
        if case .givenBack = report.resolution {
            giveBack(row, at: now)
        } else {
            close(row, report)
            changed = report.finding.flatMap { apply($0, to: row.job.targetID, at: now) }
            if let circuit = report.circuit { note(circuit, of: row.job.targetID) }
            switch report.resolution {
            case .succeeded(let externalID, let externalURL): succeed(row, report, externalID, externalURL)
            case .targetGone(let reason, _) where row.job.status == .cancelled:
                changed = disableTarget(row.job.targetID, reason: reason, at: now) ?? changed
            case _ where row.job.status == .cancelled: break
            case .retry(let due, let error): retry(row, at: now, due: due, error)
            case .throttled(let until, let error): retry(row, at: now, due: until, error, counts: false)
            case .failed(let error): fail(row, at: now, error)
            case .targetGone(let reason, let error):
                retry(row, at: now, due: nil, error)
                changed = disableTarget(row.job.targetID, reason: reason, at: now) ?? changed
            case .givenBack: break
            }
        }
        return standing(of: grant, job(grant.claim.jobID) ?? row, changed)
    }

    private func standing(of grant: AttemptGrant, _ row: JobRow, _ target: Target? = nil) -> RecordedAttempt {
        let isOwed = !row.job.status.isFinal && row.job.publishedEpoch < row.job.epoch
        return RecordedAttempt(
            status: row.job.status, epoch: isOwed ? row.job.epoch : grant.claim.epoch,
            nextAttemptAt: row.job.nextAttemptAt, firstAttemptAt: row.firstAttemptAt ?? grant.startedAt,
            changedTarget: target)
    }

    // MARK: Transitions

    /// `running → queued|retrying` as before, and the attempt is forgotten.
    private mutating func giveBack(_ row: JobRow, at now: Timestamp) {
        let isRunning = row.job.status == .running
        let waiting: JobStatus = row.job.scheduleStep == 0 ? .queued : .retrying
        change(row.job.id) { row in
            row.attempts.removeLast()
            row.openAttempt = nil
            row.job.attempt -= 1
            row.job.updatedAt = now
            guard isRunning else { return }
            row.job.status = waiting
            row.job.nextAttemptAt = row.dueBefore
            if row.job.attempt == 0 { row.firstAttemptAt = nil }
        }
        if isRunning { move(row.job.planID, from: .running, to: waiting) }
    }

    private mutating func close(_ row: JobRow, _ report: AttemptReport) {
        let result = report.result
        close(
            row, at: report.finishedAt, duration: result.durationMilliseconds, statusCode: result.statusCode,
            certainty: report.certainty, error: report.resolution.error, excerpt: result.responseExcerpt)
    }

    private mutating func close(
        _ row: JobRow, at now: Timestamp, duration: Int64?, statusCode: Int?, certainty: Certainty,
        error: DeliveryError?, excerpt: String?
    ) {
        guard let open = row.attempts.last else { return }
        let closed = Attempt(
            id: open.attempt.id, jobID: row.job.id, number: open.attempt.number, startedAt: open.attempt.startedAt,
            finishedAt: now, durationMilliseconds: duration, statusCode: statusCode, certainty: certainty,
            error: error, responseExcerpt: excerpt)
        change(row.job.id) { row in
            row.attempts[row.attempts.count - 1].attempt = closed
            row.openAttempt = nil
            row.job.updatedAt = now
        }
    }

    private mutating func succeed(_ row: JobRow, _ report: AttemptReport, _ externalID: String?, _ externalURL: String?)
    {
        lastReceiptID += 1
        let receipt = Receipt(
            id: ReceiptID(lastReceiptID), jobID: row.job.id, externalID: externalID, externalURL: externalURL,
            deliveredAt: report.finishedAt,
            responseMeta: ResponseMeta(
                statusCode: report.result.statusCode, durationMilliseconds: report.result.durationMilliseconds))
        change(row.job.id) { row in
            row.receipt = receipt
            row.job.scheduleStep += 1
        }
        leave(row, as: .succeeded, nil, .succeeded, receipt, at: report.finishedAt)
    }

    private mutating func retry(
        _ row: JobRow, at now: Timestamp, due: Timestamp?, _ error: DeliveryError, counts: Bool = true
    ) {
        change(row.job.id) { row in
            row.job.epoch += 1
            if counts { row.job.scheduleStep += 1 }
            row.job.nextAttemptAt = due
        }
        leave(row, as: .retrying, error, .retrying, nil, at: now)
    }

    private mutating func fail(_ row: JobRow, at now: Timestamp, _ error: DeliveryError) {
        change(row.job.id) { row in
            row.job.scheduleStep += 1
            row.diedAt = now
            row.owesDeadLetter = true
        }
        leave(row, as: .failed, error, .failed, nil, at: now)
    }

    /// `queued|retrying|running → blocked|cancelled`; an open attempt stays open until it is recorded.
    mutating func end(_ row: JobRow, as status: JobStatus, _ error: DeliveryError?, at now: Timestamp) {
        change(row.job.id) { $0.job.nextAttemptAt = nil }
        leave(row, as: status, error, status == .blocked ? .blocked : .cancelled, nil, at: now)
    }

    mutating func leave(
        _ row: JobRow, as status: JobStatus, _ error: DeliveryError?, _ event: JobEvent, _ receipt: Receipt?,
        at now: Timestamp
    ) {
        change(row.job.id) { row in
            row.job.status = status
            // A final job owes no message.
            if status.isFinal { row.job.publishedEpoch = row.job.epoch }
            row.job.lastError = error
            row.job.updatedAt = now
        }
        move(row.job.planID, from: row.job.status, to: status)
        if let job = job(row.job.id)?.job { tell(event, of: job, receipt: receipt, at: now) }
        if !row.job.status.isFinal { tellOfCancellation(row.job.planID, at: now) }
        settle(row.job.planID, at: now)
    }

    /// Owes `plan.cancelled` once no job of a cancelled plan is open.
    private mutating func tellOfCancellation(_ id: PlanID, at now: Timestamp) {
        guard let plan = plan(id)?.plan, plan.status == .cancelled, plan.counts.open == 0 else { return }
        owe(id, at: now) { $0.planCancelled($1, $2.facts, status: .cancelled, counts: $2.plan.counts) }
    }

    // MARK: After a crash

    mutating func closeAbandonedAttempts(at now: Timestamp) -> Int {
        finishSteps(at: now)
        let abandoned = jobs.filter { $0.openAttempt != nil && $0.attempts.last?.incarnation != incarnation }
        for row in abandoned { closeAsAmbiguous(row, at: now, reissue: true) }
        return abandoned.count
    }

    /// - Parameter reissue: Whether the job needs a new message; false where one of its epoch is in hand.
    private mutating func closeAsAmbiguous(_ row: JobRow, at now: Timestamp, reissue: Bool) {
        let error = DeliveryError(
            code: .connectionReset, message: "Clawcast ended while the attempt was under way.", certainty: .ambiguous)
        close(row, at: now, duration: nil, statusCode: nil, certainty: .ambiguous, error: error, excerpt: nil)
        guard row.job.status == .running else { return }
        guard row.job.scheduleStep + 1 < row.job.maxAttempts else { return fail(row, at: now, error) }
        guard !reissue else { return retry(row, at: now, due: now, error) }
        change(row.job.id) { row in
            row.job.status = .retrying
            row.job.scheduleStep += 1
            row.job.lastError = error
        }
        move(row.job.planID, from: .running, to: .retrying)
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
