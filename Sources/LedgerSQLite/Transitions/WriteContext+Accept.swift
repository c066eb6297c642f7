import Distribution

extension WriteContext {
    func knownPlan(domainID: DomainID, idempotencyKey: String) throws -> KnownPlan? {
        var select = try query(
            "SELECT id, requestDigest FROM distribution_plans WHERE domainId = ? AND idempotencyKey = ?")
        select.bind(domainID)
        select.bind(idempotencyKey)
        return try select.first { KnownPlan(id: $0.id(0), requestDigest: try $0.digest(1)) }
    }

    /// Takes a plan over, unless its key was used or one of its targets is gone.
    func accept(_ prepared: PreparedPlan) throws -> PlanAcceptance {
        let request = prepared.request
        if let known = try knownPlan(domainID: request.domainID, idempotencyKey: request.idempotencyKey) {
            return .known(known)
        }
        let gone = try goneTargets(of: prepared)
        guard gone.isEmpty else { return .targetsGone(gone) }

        let isCalledOff = try takeCancellation(of: request, at: prepared.acceptedAt)
        let payloadIDs = try storedIDs(of: prepared)
        let firstJobID = try takeIDs(of: .jobs, prepared.jobs.count)
        var plan = try newPlan(prepared)
        var started: [AttemptGrant] = []
        for (offset, job) in prepared.jobs.enumerated() {
            let id = JobID(firstJobID + Int64(offset))
            let grant = isCalledOff ? nil : try openedAttempt(of: job, id, of: plan.facts, prepared)
            try insert(job, id, of: plan.facts, prepared, payloadIDs: payloadIDs, grant)
            if let grant { started.append(grant) }
        }
        try oweAcceptance(of: &plan, prepared, firstJobID: firstJobID)
        try note(started, in: &plan, at: prepared.acceptedAt)
        try insert(plan, prepared, firstJobID: firstJobID)
        memory.remember(plan, isWritten: true)
        if isCalledOff, !plan.status.isFinal {
            cancel(plan, at: prepared.acceptedAt)
            _ = try cancelOpenJobs(
                of: plan.facts.id, after: JobID(0), limit: SQLiteLedger.sharedPart, at: prepared.acceptedAt)
            return .recalled(plan.facts.id)
        }
        let jobIDs = prepared.jobs.indices.map { JobID(firstJobID + Int64($0)) }
        return .created(plan.facts.id, jobIDs: jobIDs, started: started)
    }

    /// Opens the first attempt of a job that need not wait for its message.
    private func openedAttempt(
        of job: PreparedPlan.PreparedJob, _ id: JobID, of plan: PlanFacts, _ prepared: PreparedPlan
    ) throws -> AttemptGrant? {
        guard job.startsAtOnce, job.status == .queued, !prepared.isScheduled else { return nil }
        let claim = JobClaim(
            jobID: id, planID: plan.id, targetID: job.targetID, domainID: plan.domainID, channelType: job.channelType,
            deliveryID: job.deliveryID, epoch: 1)
        return AttemptGrant(
            attemptID: try addAttempt(number: 1, of: id, at: prepared.acceptedAt), claim: claim, number: 1,
            scheduleStep: 0, maxAttempts: job.maxAttempts, startedAt: prepared.acceptedAt)
    }

    /// `queued → running` for the jobs whose attempts were opened with the plan.
    private func note(_ started: [AttemptGrant], in plan: inout PlanState, at time: Timestamp) throws {
        guard !started.isEmpty else { return }
        for _ in started { move(&plan, from: .queued, to: .running) }
        plan.hasBegun = true
        try settle(&plan, at: time)
    }

    private func goneTargets(of prepared: PreparedPlan) throws -> [TargetID] {
        let live = try liveTargets()
        return prepared.jobs.lazy.map(\.targetID).filter { live[$0] != prepared.request.domainID }
    }

    private func liveTargets() throws -> [TargetID: DomainID] {
        if let live = memory.liveTargets { return live }
        let pairs: [(TargetID, DomainID)] = try query(
            "SELECT id, domainId FROM distribution_targets WHERE deletedAt IS NULL"
        ).all { ($0.id(0), $0.id(1)) }
        let live = Dictionary(uniqueKeysWithValues: pairs)
        memory.liveTargets = live
        return live
    }

    /// Each payload's id, with as many uses as the plan has jobs for it.
    private func storedIDs(of prepared: PreparedPlan) throws -> [Int64] {
        var uses = Array(repeating: 0, count: prepared.payloads.count)
        for job in prepared.jobs {
            if case .payload(let index) = job.content, uses.indices.contains(index) { uses[index] += 1 }
        }
        return try zip(prepared.payloads, uses).map { try storedID(of: $0, uses: $1) }
    }

    /// Equal bytes of one media type are stored once.
    private func storedID(of payload: Payload, uses: Int) throws -> Int64 {
        var select = try query("SELECT id FROM distribution_payloads WHERE digest = ? AND contentType = ?")
        select.bind(payload.digest)
        select.bind(payload.contentType)
        if let id = try select.first({ $0.integer(0) }) {
            var update = try query("UPDATE distribution_payloads SET uses = uses + ? WHERE id = ?")
            update.bind(uses)
            update.bind(id)
            try update.run()
            return id
        }
        var insert = try query(
            "INSERT INTO distribution_payloads (digest, contentType, bytes, uses) VALUES (?, ?, ?, ?)")
        insert.bind(payload.digest)
        insert.bind(payload.contentType)
        insert.bind(blob: payload.bytes)
        insert.bind(uses)
        try insert.run()
        return insertedID
    }

    private func newPlan(_ prepared: PreparedPlan) throws -> PlanState {
        let request = prepared.request
        var counts = JobCounts()
        for job in prepared.jobs { counts[job.status] += 1 }
        let facts = PlanFacts(
            id: PlanID(try takeIDs(of: .plans)), domainID: request.domainID, idempotencyKey: request.idempotencyKey,
            requestID: request.requestID, contentItemID: request.contentItemID,
            contentVersion: request.contentVersion, trace: request.trace)
        return PlanState(
            facts: facts, status: .queued, counts: counts, hasBegun: false, sequence: 0, completedAt: nil)
    }

    private func oweAcceptance(
        of plan: inout PlanState, _ prepared: PreparedPlan, firstJobID: Int64
    ) throws {
        let (facts, counts, at) = (plan.facts, plan.counts, prepared.acceptedAt)
        try owe(&plan, at: at) { $0.planAccepted($1, facts, status: .queued, counts: counts) }
        if prepared.isScheduled {
            try owe(&plan, at: at) {
                $0.planScheduled($1, facts, status: .queued, counts: counts, scheduledAt: prepared.dueAt)
            }
        }
        let status = counts.planStatus(hasBegun: false)
        for (offset, job) in prepared.jobs.enumerated() {
            guard case .blocked(let error) = job.content else { continue }
            let jobFacts = JobFacts(
                id: JobID(firstJobID + Int64(offset)), planID: facts.id, targetID: job.targetID,
                channelType: job.channelType, deliveryID: job.deliveryID, attempt: 0, maxAttempts: job.maxAttempts,
                status: .blocked, nextAttemptAt: nil, lastError: error)
            try owe(&plan, at: at) {
                $0.job(.blocked, $1, facts, planStatus: status, job: jobFacts, receipt: nil)
            }
        }
        try settle(&plan, at: at)
    }

    private func insert(_ plan: PlanState, _ prepared: PreparedPlan, firstJobID: Int64) throws {
        let request = prepared.request
        var insert = try query(
            """
            INSERT INTO distribution_plans (id, domainId, idempotencyKey, requestDigest, requestId, contentItemId,
                contentVersion, scheduledAt, status, queuedCount, runningCount, retryingCount, succeededCount,
                failedCount, blockedCount, cancelledCount, hasBegun, sequence, firstJobId, lastJobId, createdBy, userId,
                traceparent, tracestate, createdAt, completedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(plan.facts.id)
        insert.bind(request.domainID)
        insert.bind(request.idempotencyKey)
        insert.bind(prepared.requestDigest)
        insert.bind(request.requestID)
        insert.bind(request.contentItemID)
        insert.bind(request.contentVersion)
        insert.bind(request.scheduledAt)
        insert.bind(plan.status.rawValue)
        insert.bind(plan.counts)
        insert.bind(plan.hasBegun)
        insert.bind(plan.sequence)
        insert.bind(firstJobID)
        insert.bind(firstJobID + Int64(prepared.jobs.count) - 1)
        insert.bind(text: request.createdBy.serialized())
        insert.bind(prepared.userID)
        insert.bind(request.trace?.traceparent)
        insert.bind(request.trace?.tracestate)
        insert.bind(prepared.acceptedAt)
        insert.bind(plan.completedAt)
        try insert.run()
    }

    private func insert(
        _ job: PreparedPlan.PreparedJob, _ id: JobID, of plan: PlanFacts, _ prepared: PreparedPlan,
        payloadIDs: [Int64], _ grant: AttemptGrant?
    ) throws {
        var insert = try query(
            """
            INSERT INTO distribution_jobs (id, planId, domainId, targetId, channelType, deliveryId, payloadDigest,
                payloadId, epoch, publishedEpoch, attempt, scheduleStep, maxAttempts, status, nextAttemptAt,
                policyExpiresAt, errorCode, lastError, errorStatusCode, errorCertainty, createdAt, updatedAt, endedAt,
                openAttemptId, firstAttemptAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        insert.bind(id)
        insert.bind(plan.id)
        insert.bind(plan.domainID)
        insert.bind(job.targetID)
        insert.bind(job.channelType.rawValue)
        insert.bind(job.deliveryID.text)
        let isOpen: Bool
        switch job.content {
        case .payload(let index):
            guard prepared.payloads.indices.contains(index) else {
                throw LedgerError(kind: .invalid, message: "A prepared job names a payload that its plan lacks.")
            }
            insert.bind(prepared.payloads[index].digest)
            insert.bind(payloadIDs[index])
            insert.bind(1)
            isOpen = true
        case .blocked:
            insert.bind(Digest256?.none)
            insert.bind(Int64?.none)
            insert.bind(0)
            isOpen = false
        }
        insert.bind(0)
        insert.bind(grant?.number ?? 0)
        insert.bind(job.maxAttempts)
        insert.bind(grant == nil ? job.status.rawValue : JobStatus.running.rawValue)
        insert.bind(isOpen && prepared.isScheduled ? prepared.dueAt : nil)
        insert.bind(prepared.request.policy.effectiveExpiry)
        insert.bind(job.blockingError)
        insert.bind(prepared.acceptedAt)
        insert.bind(prepared.acceptedAt)
        insert.bind(isOpen ? nil : prepared.acceptedAt)
        insert.bind(grant?.attemptID)
        insert.bind(grant?.startedAt)
        try insert.run()
        if let grant { memory.remember(JobRow(of: job, prepared, grant)) }
    }
}

extension PreparedPlan.PreparedJob {
    fileprivate var blockingError: DeliveryError? {
        if case .blocked(let error) = content { error } else { nil }
    }
}

extension JobRow {
    /// The row of a job whose first attempt was opened with its plan.
    fileprivate init(of prepared: PreparedPlan.PreparedJob, _ plan: PreparedPlan, _ grant: AttemptGrant) {
        var digest: Digest256?
        if case .payload(let place) = prepared.content { digest = plan.payloads[place].digest }
        let claim = grant.claim
        self.init(
            job: Job(
                id: claim.jobID, planID: claim.planID, domainID: claim.domainID, targetID: claim.targetID,
                channelType: claim.channelType, deliveryID: claim.deliveryID, payloadDigest: digest,
                epoch: claim.epoch, publishedEpoch: 0, attempt: grant.number, scheduleStep: 0,
                maxAttempts: grant.maxAttempts, status: .running, nextAttemptAt: nil,
                policyExpiresAt: plan.request.policy.effectiveExpiry, lastError: nil, createdAt: plan.acceptedAt,
                updatedAt: plan.acceptedAt),
            openAttemptID: grant.attemptID, firstAttemptAt: grant.startedAt)
    }
}
