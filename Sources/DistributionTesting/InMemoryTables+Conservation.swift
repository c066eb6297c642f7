package import Distribution

extension InMemoryTables {
    /// What `clawcast verify` would say of them.
    package var contradictions: [ConservationFinding] {
        var audit = LedgerAudit()
        audit.take(auditPage(after: .start, limit: .max))
        audit.take(auditEvents(after: 0, limit: .max))
        return audit.findings.all
    }

    func auditPage(after position: AuditPosition, limit: Int) -> AuditPage {
        var page: [PlanAuditFacts] = []
        var count = 0
        for row in plans where row.plan.id > position.plan && count < limit {
            let ids = jobs.map(\.job).filter { $0.planID == row.plan.id }.map(\.id)
            count += ids.count
            page.append(
                PlanAuditFacts(
                    id: row.plan.id, status: row.plan.status, counts: row.plan.counts, hasBegun: row.hasBegun,
                    isComplete: row.plan.completedAt != nil, firstJobID: ids.min() ?? JobID(0),
                    lastJobID: ids.max() ?? JobID(0)))
        }
        let isLast = page.last?.id == plans.last?.plan.id || page.isEmpty
        let last = isLast ? JobID(.max) : page.map(\.lastJobID).max() ?? position.job
        return AuditPage(
            plans: page,
            jobs: jobs.filter { $0.job.id > position.job && $0.job.id <= last }.map { facts(of: $0) },
            strayAttempts: [], incarnation: Int64(incarnation), removals: removals,
            next: isLast ? nil : page.last.map { AuditPosition(plan: $0.id, job: last) })
    }

    private func facts(of row: JobRow) -> JobAuditFacts {
        let job = row.job
        var facts = JobAuditFacts(id: job.id, planID: job.planID, targetID: job.targetID, status: job.status)
        facts.hasTarget = target(job.targetID) != nil
        facts.epoch = job.epoch
        facts.publishedEpoch = job.publishedEpoch
        facts.attempt = job.attempt
        facts.openAttemptID = row.openAttempt
        facts.receiptID = row.receipt?.id
        facts.receiptJobID = row.receipt?.jobID
        facts.hasEnded = job.status.isFinal && row.openAttempt == nil
        facts.hasDied = row.diedAt != nil
        facts.hasDeadLetter = row.diedAt != nil
        facts.isPurged = row.isPurged
        facts.payload = row.payload.map { $0.digest == job.payloadDigest ? .present : .other } ?? .none
        for attempt in row.attempts {
            facts.attempts.add(
                attempt.attempt.id, number: attempt.attempt.number, isOpen: attempt.attempt.finishedAt == nil,
                isAccepted: attempt.attempt.certainty == .accepted, incarnation: Int64(attempt.incarnation))
        }
        return facts
    }

    func auditEvents(after place: Int64, limit: Int) -> EventAuditPage {
        let entries = events.filter { $0.place > place }.prefix(limit).map { owed -> EventAuditPage.Entry in
            let envelope = (try? JSON.parse(owed.event.body))?.objectValue ?? [:]
            let sequence = envelope["sequence"]?.stringValue.flatMap { Int64($0) }
            let parts = envelope["subject"]?.stringValue?.split(separator: "/") ?? []
            let planID = parts.first == "plans" ? parts.dropFirst().first.flatMap { Int64($0) } : nil
            return EventAuditPage.Entry(
                place: owed.place, planID: planID.map { PlanID($0) }, sequence: sequence,
                newest: planID.flatMap { plan(PlanID($0))?.sequence })
        }
        return EventAuditPage(
            entries: Array(entries), firstPlace: events.first?.place,
            next: entries.count < limit ? nil : entries.last?.place)
    }

    var auditTargets: [AuditTarget] {
        liveTargets.map { target in
            AuditTarget(
                queue: TargetQueue(targetID: target.id, channelType: target.channelType, type: target.queueType),
                isActive: target.isActive, isRateLimited: target.delivery.rateLimit != nil)
        }
    }

    func waitingJobs(
        after position: WaitingJobsPage.Position, limit: Int, _ cutoffs: WaitingCutoffs
    ) -> WaitingJobsPage {
        let open = jobs.filter { !$0.job.status.isFinal || $0.openAttempt != nil }.map(\.job)
            .filter { ($0.targetID, $0.id) > (position.target, position.job) }
            .sorted { ($0.targetID, $0.id) < ($1.targetID, $1.id) }
        var byTarget: [TargetID: WaitingJobs] = [:]
        for job in open.prefix(limit) { byTarget[job.targetID, default: WaitingJobs()].count(job, cutoffs) }
        let last = open.prefix(limit).last.map { WaitingJobsPage.Position(target: $0.targetID, job: $0.id) }
        return WaitingJobsPage(byTarget: byTarget, next: open.count < limit ? nil : last)
    }

    mutating func reissueOverdueJobs(
        of targetID: TargetID, dueBefore moment: Timestamp, after: JobID, limit: Int, at now: Timestamp
    ) -> ReissuedJobs {
        let waiting: [Job] = jobs.map(\.job).filter { job in
            job.targetID == targetID && job.id > after && (job.status == .queued || job.status == .retrying)
        }
        let confirmed = waiting.filter { $0.epoch > 0 && $0.publishedEpoch == $0.epoch }
        let overdue = confirmed.filter { $0.isSettled(before: moment) }.prefix(limit)
        for job in overdue {
            change(job.id) { row in
                row.job.epoch += 1
                row.job.updatedAt = now
            }
        }
        return ReissuedJobs(count: overdue.count, last: overdue.last?.id)
    }
}

extension WaitingJobs {
    fileprivate mutating func count(_ job: Job, _ cutoffs: WaitingCutoffs) {
        if job.status != .queued, job.status != .retrying {
            running += 1
        } else if job.isScheduled, let due = job.nextAttemptAt, due > cutoffs.delayedAfter {
            held += 1
        } else if job.publishedEpoch < job.epoch {
            unconfirmed += 1
        } else if (job.nextAttemptAt ?? job.createdAt) > cutoffs.delayedAfter {
            delayed += 1
        } else if job.isSettled(before: cutoffs.settledBefore) {
            settled += 1
        } else {
            recent += 1
        }
    }
}

extension Job {
    /// Whether it waits for the time of its plan in the ledger alone, or is owed since then.
    var isScheduled: Bool { status == .queued && publishedEpoch < epoch && nextAttemptAt != nil }

    fileprivate func isSettled(before moment: Timestamp) -> Bool {
        let due = nextAttemptAt ?? createdAt
        return due <= moment && updatedAt <= moment
    }
}
