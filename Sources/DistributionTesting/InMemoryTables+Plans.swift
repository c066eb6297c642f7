import Distribution

extension InMemoryTables {
    func knownPlan(_ domain: DomainID, _ key: String) -> KnownPlan? {
        plans.first { $0.plan.domainID == domain && $0.plan.idempotencyKey == key }
            .map { KnownPlan(id: $0.plan.id, requestDigest: $0.requestDigest) }
    }

    mutating func accept(_ prepared: PreparedPlan) throws(LedgerError) -> PlanAcceptance {
        let request = prepared.request
        if let known = knownPlan(request.domainID, request.idempotencyKey) { return .known(known) }
        let live = Set(liveTargets.filter { $0.domainID == request.domainID }.map(\.id))
        let gone = prepared.jobs.map(\.targetID).filter { !live.contains($0) }
        guard gone.isEmpty else { return .targetsGone(gone) }

        lastPlanID += 1
        let planID = PlanID(lastPlanID)
        var counts = JobCounts()
        var jobIDs: [JobID] = []
        for job in prepared.jobs {
            let row = try newJob(job, of: planID, prepared)
            counts[row.job.status] += 1
            jobIDs.append(row.job.id)
            jobs.append(row)
        }
        let plan = Plan(
            id: planID, domainID: request.domainID, idempotencyKey: request.idempotencyKey,
            requestID: request.requestID, contentItemID: request.contentItemID,
            contentVersion: request.contentVersion, scheduledAt: request.scheduledAt, status: .queued, counts: counts,
            createdBy: request.createdBy, trace: request.trace, createdAt: prepared.acceptedAt, completedAt: nil)
        plans.append(PlanRow(plan: plan, requestDigest: prepared.requestDigest))
        oweAcceptance(of: planID, prepared, jobIDs)
        let cancelledAt = cancellations[request.domainID]?.removeValue(forKey: request.idempotencyKey)
        if let cancelledAt, prepared.acceptedAt.milliseconds(since: cancelledAt) < PlanRecall.memoryMilliseconds,
            self.plan(planID)?.plan.status.isFinal == false
        {
            decideToCancel(planID, at: prepared.acceptedAt)
            _ = cancelOpenJobs(of: planID, at: prepared.acceptedAt)
            return .recalled(planID)
        }
        return .created(planID, jobIDs: jobIDs, started: startAtOnce(prepared, jobIDs))
    }

    private mutating func startAtOnce(_ prepared: PreparedPlan, _ jobIDs: [JobID]) -> [AttemptGrant] {
        zip(prepared.jobs, jobIDs).compactMap { job, id in
            guard job.startsAtOnce, !prepared.isScheduled, let row = self.job(id),
                row.job.status == .queued, let digest = row.job.payloadDigest
            else { return nil }
            let request = AttemptRequest(
                claim: row.claim, payloadDigest: digest, isRedelivered: false, startedAt: prepared.acceptedAt)
            return start(row, request)
        }
    }

    private mutating func newJob(
        _ job: PreparedPlan.PreparedJob, of planID: PlanID, _ prepared: PreparedPlan
    ) throws(LedgerError) -> JobRow {
        var payload: Payload?
        var error: DeliveryError?
        switch job.content {
        case .payload(let place):
            guard prepared.payloads.indices.contains(place) else {
                throw LedgerError(kind: .invalid, message: "A prepared job names a payload that its plan lacks.")
            }
            payload = prepared.payloads[place]
        case .blocked(let reason): error = reason
        }
        let (now, due) = (prepared.acceptedAt, prepared.dueAt)
        lastJobID += 1
        let row = Job(
            id: JobID(lastJobID), planID: planID, domainID: prepared.request.domainID,
            targetID: job.targetID, channelType: job.channelType, deliveryID: job.deliveryID,
            payloadDigest: payload?.digest, epoch: payload == nil ? 0 : 1, publishedEpoch: 0, attempt: 0,
            scheduleStep: 0, maxAttempts: job.maxAttempts, status: job.status,
            nextAttemptAt: payload != nil && due > now ? due : nil,
            policyExpiresAt: prepared.request.policy.effectiveExpiry, lastError: error, createdAt: now, updatedAt: now)
        return JobRow(job: row, payload: payload, trace: prepared.request.trace)
    }

    private mutating func oweAcceptance(of id: PlanID, _ prepared: PreparedPlan, _ jobIDs: [JobID]) {
        let now = prepared.acceptedAt
        owe(id, at: now) { $0.planAccepted($1, $2.facts, status: .queued, counts: $2.plan.counts) }
        if prepared.isScheduled {
            owe(id, at: now) {
                $0.planScheduled(
                    $1, $2.facts, status: .queued, counts: $2.plan.counts, scheduledAt: prepared.dueAt)
            }
        }
        for jobID in jobIDs {
            guard let job = job(jobID)?.job, job.status == .blocked else { continue }
            tell(.blocked, of: job, receipt: nil, at: now)
        }
        settle(id, at: now)
    }

    mutating func reject(_ rejection: PlanRejection) {
        let told = rejections[rejection.messageFingerprint]
        if let told, rejection.rejectedAt.milliseconds(since: told) < 86_400_000 { return }
        rejections[rejection.messageFingerprint] = rejection.rejectedAt
        owe(at: rejection.rejectedAt) { $0.planRejected($1, rejection) }
    }

    // MARK: The plan follows its jobs

    /// Moves a job between the counts of its plan; the job itself is the caller's.
    mutating func move(_ id: PlanID, from old: JobStatus, to new: JobStatus) {
        change(id) { row in
            row.plan.counts[old] -= 1
            row.plan.counts[new] += 1
        }
    }

    /// Owes the event of a job, with the plan's status as it will be.
    mutating func tell(_ event: JobEvent, of job: Job, receipt: Receipt?, at time: Timestamp) {
        owe(job.planID, at: time) {
            $0.job(event, $1, $2.facts, planStatus: $2.derivedStatus, job: JobFacts(job), receipt: receipt)
        }
    }

    /// Brings a plan's status in line with its jobs; owes `plan.completed` where they have all ended now.
    mutating func settle(_ id: PlanID, at time: Timestamp) {
        guard let row = plan(id), row.derivedStatus != row.plan.status else { return }
        let status = row.derivedStatus
        change(id) { row in
            row.plan.status = status
            row.plan.completedAt = status.isFinal ? time : nil
        }
        guard status.isFinal else { return }
        owe(id, at: time) { $0.planCompleted($1, $2.facts, status: status, counts: $2.plan.counts) }
    }
}

extension InMemoryTables.PlanRow {
    fileprivate var derivedStatus: PlanStatus {
        plan.status == .cancelled ? .cancelled : plan.counts.planStatus(hasBegun: hasBegun)
    }
}
