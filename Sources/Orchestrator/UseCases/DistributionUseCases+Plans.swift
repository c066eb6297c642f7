package import Distribution
import Sealing

extension DistributionUseCases {
    package struct SubmittedPlan: Sendable, Hashable {
        package let snapshot: PlanSnapshot
        /// The key had been used for the same request before; nothing was created.
        package let isRepetition: Bool
    }

    /// Takes a plan over: on return it is in the ledger, and its jobs are on their way to the broker.
    ///
    /// While the ledger cannot be written it is refused at once, and nothing of it is kept.
    package func submitPlan(_ request: PlanRequest) async throws(Refusal) -> SubmittedPlan {
        let accepted: PlanSubmission.Accepted
        do {
            accepted = try await submission.submit(request, userID: nil, from: .caller)
        } catch let refusal as Refusal {
            throw refusal
        } catch let error as LedgerError {
            throw .ledgerUnavailable(error)
        } catch {
            throw .ledgerUnavailable(LedgerError(kind: .unavailable, message: "The request was given up."))
        }
        let snapshot = try await plan(accepted.planID, domainID: request.domainID)
        return SubmittedPlan(snapshot: snapshot, isRepetition: accepted.isRepetition)
    }

    /// What a plan would become: resolved, decided and rendered, but not written. Its ids are 0.
    package func rehearsePlan(_ request: PlanRequest) async throws(Refusal) -> PlanSnapshot {
        let now = ports.time.now()
        let digest = SHA256.digest(request.canonicalBytes)
        let known = try await ask { ledger throws(LedgerError) in
            try await ledger.plan(domainID: request.domainID, idempotencyKey: request.idempotencyKey)
        }
        if let known, known.requestDigest != digest { throw .keyReused(request.idempotencyKey, by: known.id) }
        let prepared = try preparation.prepare(request, requestDigest: digest, userID: nil, at: now)
        return PlanSnapshot(rehearsed: prepared)
    }

    package func plan(_ id: PlanID, domainID: DomainID) async throws(Refusal) -> PlanSnapshot {
        let snapshot = try await ask { ledger throws(LedgerError) in
            try await ledger.planSnapshot(id, domainID: domainID)
        }
        guard let snapshot else { throw .planNotFound(id) }
        return snapshot
    }

    /// The plan once it has come to its end, or as it stands at `deadline`.
    package func awaitPlan(
        _ id: PlanID, domainID: DomainID, until deadline: Timestamp
    ) async throws(Refusal) -> PlanSnapshot {
        var snapshot = try await plan(id, domainID: domainID)
        while !snapshot.plan.status.isFinal, ports.time.now() < deadline {
            let next = min(deadline, ports.time.now().adding(milliseconds: 50))
            guard (try? await ports.time.sleep(until: next)) != nil else { break }
            snapshot = try await plan(id, domainID: domainID)
        }
        return snapshot
    }

    package func plans(domainID: DomainID, _ page: Page, status: PlanStatus?) async throws(Refusal) -> [Plan] {
        try await ask { ledger throws(LedgerError) in
            try await ledger.plans(domainID: domainID, page, status: status)
        }
    }
}

extension PlanSnapshot {
    /// A plan as it would be accepted, with id 0.
    fileprivate init(rehearsed prepared: PreparedPlan) {
        let request = prepared.request
        var counts = JobCounts()
        let jobs = prepared.jobs.map { job in
            var digest: Digest256?
            var error: DeliveryError?
            switch job.content {
            case .payload(let place): digest = prepared.payloads[place].digest
            case .blocked(let refused): error = refused
            }
            counts[job.status] += 1
            let planned = Job(
                id: JobID(0), planID: PlanID(0), domainID: request.domainID, targetID: job.targetID,
                channelType: job.channelType, deliveryID: job.deliveryID, payloadDigest: digest, epoch: 0,
                publishedEpoch: 0, attempt: 0, scheduleStep: 0, maxAttempts: job.maxAttempts, status: job.status,
                nextAttemptAt: job.status == .queued ? prepared.dueAt : nil,
                policyExpiresAt: request.policy.effectiveExpiry, lastError: error, createdAt: prepared.acceptedAt,
                updatedAt: prepared.acceptedAt)
            return JobSummary(job: planned, receipt: nil, isTargetActive: true, targetPause: nil)
        }
        let plan = Plan(
            id: PlanID(0), domainID: request.domainID, idempotencyKey: request.idempotencyKey,
            requestID: request.requestID, contentItemID: request.contentItemID,
            contentVersion: request.contentVersion, scheduledAt: request.scheduledAt,
            status: counts.planStatus(hasBegun: false), counts: counts, createdBy: request.createdBy,
            trace: request.trace, createdAt: prepared.acceptedAt, completedAt: nil)
        self.init(plan: plan, jobs: Array(jobs.prefix(100)), isTruncated: jobs.count > 100)
    }
}
