import Distribution
import Logging
import Sealing

/// The whole life of a job message: identify, admit, deliver, judge, record, hand over, settle.
///
/// Nothing here touches the message: what is returned says how to settle it, and the ``Dispatcher`` does.
struct AttemptProcedure: Sendable {
    let ports: Ports
    let gate: LedgerGate
    let directory: TargetDirectory
    let releaser: Releaser
    let deadLetters: DeadLetterRelay
    let queues: QueueKeeper
    let metrics: OrchestratorMetrics

    func run(_ message: IncomingJobMessage) async -> Settlement {
        switch message.claim {
        case .failure(let error): return await quarantine(message, as: error)
        case .success(let claim):
            do {
                return try await attempt(claim, message)
            } catch is CancellationError {
                return .giveBack
            } catch {
                report(error, of: claim)
                return await giveBackLater()
            }
        }
    }

    private func report(_ error: any Error, of claim: JobClaim) {
        guard !(error is CancellationError) else { return }
        ports.logger.error(
            "An attempt could not be made or recorded.",
            metadata: ["jobId": "\(claim.jobID)", "error": "\(error)"])
    }

    /// The rest of the life of an attempt that was opened with its plan, without a message. Where it is to be made again
    /// the job is published.
    func run(_ prompt: PromptAttempt) async {
        let grant = prompt.grant
        do {
            guard let (target, endpoint) = directory.prepared(grant.claim.targetID) else {
                return await giveBack(prompt)
            }
            switch try await carryOut(grant, JobContent(prompt.job), target, endpoint) {
            case .acknowledge: break
            case .giveBack: releaser.release([prompt.job])
            }
        } catch {
            // Its attempt stays open; the next start closes it as ambiguous.
            report(error, of: grant.claim)
        }
    }

    private func attempt(_ claim: JobClaim, _ message: IncomingJobMessage) async throws -> Settlement {
        guard let (target, endpoint) = directory.prepared(claim.targetID) else {
            return try await withoutTarget(claim, message)
        }
        ports.crashPoints?.reached(.jobReceived)
        switch try await admit(claim, message) {
        case .start(let grant):
            return try await carryOut(grant, JobContent(message), target, endpoint)
        case .early(let dueAt, let attempt):
            return await reenter(claim, message, dueAt: dueAt, attempt: attempt)
        case .stale where message.isDeadLetter: return try await replay(claim)
        case .stale, .blocked: return .acknowledge
        // Not in hand here, so its outcome could not be recorded: given back at once it would come again at once.
        case .inFlight: return await giveBackLater()
        case .mismatch(let error): return await quarantine(message, as: error)
        }
    }

    /// Asks the ledger, which opens the attempt and has it committed before the first byte leaves.
    private func admit(_ claim: JobClaim, _ message: IncomingJobMessage) async throws -> AttemptDecision {
        let request = AttemptRequest(
            claim: claim, payloadDigest: SHA256.digest(message.body), isRedelivered: message.isRedelivered,
            startedAt: ports.time.now())
        return try await gate.persist(.intake) { () throws(LedgerError) in try await ports.ledger.begin(request) }
    }

    /// Deliver, judge, record, hand over: the part that starts with an open attempt.
    private func carryOut(
        _ grant: AttemptGrant, _ content: JobContent, _ target: Target,
        _ endpoint: Result<any DeliveryEndpoint, DeliveryError>
    ) async throws -> Settlement {
        ports.crashPoints?.reached(.attemptBegun)
        let result = await deliver(grant, content, to: endpoint)
        ports.crashPoints?.reached(.attemptAnswered)
        return try await conclude(grant, content, target, result)
    }

    private func deliver(
        _ grant: AttemptGrant, _ content: JobContent, to endpoint: Result<any DeliveryEndpoint, DeliveryError>
    ) async -> DeliveryResult {
        switch endpoint {
        case .success(let endpoint):
            return await endpoint.deliver(
                DeliveryAttempt(
                    deliveryID: grant.claim.deliveryID, startedAt: grant.startedAt,
                    contentType: content.contentType, body: content.body, trace: content.trace))
        case .failure(let error):
            let outcome = DeliveryResult.Outcome.failed(
                code: error.code, message: error.message, certainty: error.certainty ?? .unsent)
            return DeliveryResult(outcome: outcome, statusCode: nil, durationMilliseconds: 0, responseExcerpt: nil)
        }
    }

    /// Judges what happened, has it committed, and sets what it owes in motion.
    private func conclude(
        _ grant: AttemptGrant, _ content: JobContent, _ target: Target, _ result: DeliveryResult
    ) async throws -> Settlement {
        let report = judge(grant, target, result)
        let recorded = try await gate.persist(.outcome) { () throws(LedgerError) in
            try await ports.ledger.record(report)
        }
        if let point = report.resolution.crashPoint { ports.crashPoints?.reached(point) }
        if let changed = recorded.changedTarget {
            directory.put(changed)
            queues.targetChanged(changed.id)
        }
        metrics.attemptEnded(
            channel: target.channelType, outcome: recorded.status.rawValue,
            durationMilliseconds: result.durationMilliseconds)
        switch report.resolution {
        case .succeeded: break
        case .givenBack: return .giveBack
        case .retry, .throttled: owe(recorded, grant, content)
        case .failed: deadLetters.deadLetterOwed()
        case .targetGone: break
        }
        return .acknowledge
    }

    private func judge(_ grant: AttemptGrant, _ target: Target, _ result: DeliveryResult) -> AttemptReport {
        let finishedAt = ports.time.now()
        if Task.isCancelled, case .failed(_, _, .unsent) = result.outcome {
            return AttemptReport(
                grant: grant, finishedAt: finishedAt, result: result, certainty: .unsent, resolution: .givenBack)
        }
        let consequences = directory.observe(
            AttemptEvidence(result), of: target.id, startedAt: grant.startedAt, at: finishedAt)
        tell(consequences, of: target.id)
        let verdict = AttemptVerdict.judge(
            result: result, grant: grant, settings: target.delivery, finishedAt: finishedAt,
            pausedUntil: consequences.pausedUntil, randomness: ports.randomness)
        return AttemptReport(
            grant: grant, finishedAt: finishedAt, result: result, certainty: verdict.certainty,
            resolution: verdict.resolution, finding: consequences.finding, circuit: consequences.circuit)
    }

    /// The target's queue follows at once; what is to last is written with the attempt.
    private func tell(_ consequences: TargetGovernor.Consequences, of target: TargetID) {
        guard consequences.changesStance else { return }
        queues.targetChanged(target)
        metrics.targetGoverned(consequences)
        if let probeAt = consequences.probeAt {
            ports.logger.warning(
                "A target does not answer; its circuit is open.",
                metadata: ["targetId": "\(target)", "probeAt": "\(probeAt)"])
        } else if consequences.isCircuitClosed {
            ports.logger.notice("A target answers again; its circuit is closed.", metadata: ["targetId": "\(target)"])
        }
        if let pausedUntil = consequences.pausedUntil, case .throttled(_, let reason) = consequences.finding {
            ports.logger.notice(
                "A target asked to be left alone.",
                metadata: ["targetId": "\(target)", "until": "\(pausedUntil)", "reason": "\(reason)"])
        }
    }

    private func owe(_ recorded: RecordedAttempt, _ grant: AttemptGrant, _ content: JobContent) {
        guard let dueAt = recorded.nextAttemptAt, recorded.status == .retrying else { return }
        releaser.release([
            OwedJob(
                claim: grant.claim.atEpoch(recorded.epoch), attempt: grant.number + 1, dueAt: dueAt,
                contentType: content.contentType, body: content.body, trace: content.trace)
        ])
    }

    /// A job of a target that is deleted: the ledger knows it as cancelled, or as nothing at all.
    private func withoutTarget(_ claim: JobClaim, _ message: IncomingJobMessage) async throws -> Settlement {
        switch try await admit(claim, message) {
        case .mismatch(let error): await quarantine(message, as: error)
        case .stale, .blocked: .acknowledge
        case .inFlight, .early: await giveBackLater()
        case .start(let grant):
            // Created a moment ago and not in the directory yet: not attempted, and looked at again.
            try await giveBackUnattempted(grant)
        }
    }

    /// Has an attempt forgotten that was opened with its plan and cannot be made any more, and its job published.
    func giveBack(_ prompt: PromptAttempt) async {
        do {
            _ = try await giveBackUnattempted(prompt.grant)
            releaser.release([prompt.job])
        } catch {
            // The next start closes it as ambiguous.
            report(error, of: prompt.grant.claim)
        }
    }

    /// What is given back is neither counted nor shown, so it does not matter why.
    private func giveBackUnattempted(_ grant: AttemptGrant) async throws -> Settlement {
        let outcome = DeliveryResult.Outcome.failed(
            code: .targetNotFound, message: "The attempt was not made.", certainty: .unsent)
        let report = AttemptReport(
            grant: grant, finishedAt: ports.time.now(),
            result: DeliveryResult(outcome: outcome, statusCode: nil, durationMilliseconds: 0, responseExcerpt: nil),
            certainty: .unsent, resolution: .givenBack)
        _ = try await gate.persist(.outcome) { () throws(LedgerError) in try await ports.ledger.record(report) }
        return .giveBack
    }

    /// A dead letter that was moved back: its job is tried again, unless it has moved on.
    private func replay(_ claim: JobClaim) async throws -> Settlement {
        let outcome = try await gate.persist(.intake) { () throws(LedgerError) in
            try await ports.ledger.retryJob(
                claim.jobID, domainID: claim.domainID, epoch: claim.epoch, at: ports.time.now())
        }
        ports.crashPoints?.reached(.returnedLetterReplayed)
        if case .retried = outcome { releaser.sweepLedger() }
        return .acknowledge
    }

    private func reenter(
        _ claim: JobClaim, _ message: IncomingJobMessage, dueAt: Timestamp, attempt: Int
    ) async -> Settlement {
        let job = OwedJob(
            claim: claim, attempt: attempt, dueAt: dueAt, contentType: message.contentType, body: message.body,
            trace: message.trace)
        guard await releaser.reenter(job) else { return await giveBackLater() }
        ports.crashPoints?.reached(.jobReentered)
        return .acknowledge
    }

    private func quarantine(_ message: IncomingJobMessage, as error: DeliveryError) async -> Settlement {
        metrics.jobMismatched()
        ports.logger.warning(
            "A job message was put into quarantine.",
            metadata: message.quarantineMetadata(error))
        let publication = await ports.broker.quarantine(message, as: error)
        return publication == .confirmed ? .acknowledge : await giveBackLater()
    }

    /// Given back at once it would come again at once, for as long as the broker cannot take it elsewhere or the ledger
    /// fails at it.
    private func giveBackLater() async -> Settlement {
        await Backoff.beforeGivingBack(ports)
        return .giveBack
    }
}

extension AttemptReport.Resolution {
    /// The boundary behind the commit of it; none where the message goes back and nothing else changes.
    fileprivate var crashPoint: CrashPoint? {
        switch self {
        case .succeeded: .successRecorded
        case .retry: .retryRecorded
        case .throttled: .pauseRecorded
        case .failed: .failureRecorded
        case .targetGone: .targetGoneRecorded
        case .givenBack: nil
        }
    }
}

extension JobClaim {
    func atEpoch(_ epoch: Int64) -> JobClaim {
        JobClaim(
            jobID: jobID, planID: planID, targetID: targetID, domainID: domainID, channelType: channelType,
            deliveryID: deliveryID, epoch: epoch)
    }
}
