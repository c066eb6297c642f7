package import Distribution
import Sealing

/// Takes a request over into the ledger, whichever protocol brought it, and hands its jobs to the releaser; those of a
/// later time stay in the ledger until then.
package struct PlanSubmission: Sendable {
    package struct Accepted: Sendable, Hashable {
        package let planID: PlanID
        /// The key had been used for the same request before; nothing was created.
        package let isRepetition: Bool
    }

    /// Who waits for the answer, and what becomes of the request while the ledger cannot be written.
    package enum Origin: Sendable, Hashable {
        /// A message that stays in its queue meanwhile.
        case queue
        /// A caller, who is told at once.
        case caller
    }

    let ports: Ports
    let gate: LedgerGate
    let preparation: PlanPreparation
    let releaser: Releaser
    let dispatcher: Dispatcher
    let metrics: OrchestratorMetrics

    /// - Throws: A ``Refusal`` where the request cannot be taken, which uses up nothing; `CancellationError`; a
    ///   ``LedgerError``, of kind `unavailable` only for a caller.
    package func submit(_ request: PlanRequest, userID: String?, from origin: Origin) async throws -> Accepted {
        if origin == .queue { await releaser.untilRoom() }
        let digest = SHA256.digest(request.canonicalBytes)
        while true {
            let plan: PreparedPlan
            do {
                plan = try preparation.prepare(request, requestDigest: digest, userID: userID, at: ports.time.now())
            } catch {
                // What was accepted once stays accepted, even when its targets are gone by now.
                guard let known = try await knownPlan(of: request, origin) else { throw error }
                return try repetition(of: known, digest: digest, request: request)
            }
            switch try await accept(plan, origin) {
            case .created(let planID, _, _):
                return Accepted(planID: planID, isRepetition: false)
            case .recalled(let planID):
                metrics.planAccepted(jobs: plan.jobs.count)
                return Accepted(planID: planID, isRepetition: false)
            case .known(let known):
                return try repetition(of: known, digest: digest, request: request)
            case .targetsGone(let gone):
                // The ledger knows. Waiting for the directory to follow would be for ever where a deletion that was cut
                // short has not told it.
                preparation.forget(gone)
            }
        }
    }

    /// Has the ledger take the plan over, and sets its jobs in motion: those whose targets are idle are attempted at once,
    /// the others are handed to the releaser. What is due later stays in the ledger until then.
    private func accept(_ prepared: PreparedPlan, _ origin: Origin) async throws -> PlanAcceptance {
        let (plan, reserved) = reservingSlots(for: prepared)
        let acceptance: PlanAcceptance
        do {
            acceptance = try await persist(origin) { () throws(LedgerError) in try await ports.ledger.accept(plan) }
        } catch {
            dispatcher.cancelReservations(of: reserved)
            throw error
        }
        guard case .created(let planID, let jobIDs, let started) = acceptance else {
            dispatcher.cancelReservations(of: reserved)
            return acceptance
        }
        ports.crashPoints?.reached(.planCommitted)
        metrics.planAccepted(jobs: jobIDs.count)
        guard !plan.isScheduled else {
            releaser.announce(jobsFor: plan.dueAt)
            return acceptance
        }
        let owed = owedJobs(of: plan, planID: planID, jobIDs: jobIDs)
        dispatcher.queues.noteBodies(owed.map { ($0.claim.targetID, $0.body.count) })
        let grants = Dictionary(uniqueKeysWithValues: started.map { ($0.claim.jobID, $0) })
        await dispatcher.start(
            owed.compactMap { job in grants[job.claim.jobID].map { PromptAttempt(grant: $0, job: job) } })
        dispatcher.cancelReservations(of: reserved.subtracting(started.map(\.claim.targetID)))
        releaser.release(owed.filter { grants[$0.claim.jobID] == nil })
        return acceptance
    }

    private func reservingSlots(for prepared: PreparedPlan) -> (plan: PreparedPlan, reserved: Set<TargetID>) {
        guard !prepared.isScheduled else { return (prepared, []) }
        let targets = prepared.jobs.filter { $0.status == .queued }.map(\.targetID)
        let reserved = dispatcher.reserve(targets)
        guard !reserved.isEmpty else { return (prepared, []) }
        var plan = prepared
        for index in plan.jobs.indices {
            plan.jobs[index].startsAtOnce = reserved.contains(plan.jobs[index].targetID)
        }
        return (plan, reserved)
    }

    private func knownPlan(of request: PlanRequest, _ origin: Origin) async throws -> KnownPlan? {
        try await persist(origin) { () throws(LedgerError) in
            try await ports.ledger.plan(domainID: request.domainID, idempotencyKey: request.idempotencyKey)
        }
    }

    private func persist<Value: Sendable>(
        _ origin: Origin, _ write: @Sendable () async throws(LedgerError) -> Value
    ) async throws -> Value {
        switch origin {
        case .queue: try await gate.persist(.intake, write)
        case .caller: try await gate.persistNow(write)
        }
    }

    private func repetition(of known: KnownPlan, digest: Digest256, request: PlanRequest) throws -> Accepted {
        guard known.requestDigest == digest else {
            throw Refusal.keyReused(request.idempotencyKey, by: known.id)
        }
        return Accepted(planID: known.id, isRepetition: true)
    }

    private func owedJobs(of plan: PreparedPlan, planID: PlanID, jobIDs: [JobID]) -> [OwedJob] {
        zip(plan.jobs, jobIDs).compactMap { job, jobID in
            guard case .payload(let place) = job.content else { return nil }
            return OwedJob(
                claim: JobClaim(
                    jobID: jobID, planID: planID, targetID: job.targetID, domainID: plan.request.domainID,
                    channelType: job.channelType, deliveryID: job.deliveryID, epoch: 1),
                attempt: 1, dueAt: plan.dueAt, contentType: plan.payloads[place].contentType,
                body: plan.payloads[place].bytes, trace: plan.request.trace)
        }
    }
}
