import Distribution
import Logging
import Sealing

/// Takes plan messages in: each is accepted into the ledger, calls its plan off, or is refused for all to see, and is
/// then acked.
struct Planner: Sendable {
    let ports: Ports
    let gate: LedgerGate
    let submission: PlanSubmission
    let metrics: OrchestratorMetrics

    /// Handles messages until the stream ends; the plans of a batch share a commit.
    func run() async {
        await withDiscardingTaskGroup { group in
            for await batch in ports.broker.planMessages {
                for message in batch {
                    group.addTask { await self.handle(message) }
                }
            }
        }
    }

    private func handle(_ message: IncomingPlanMessage) async {
        do {
            try await accept(message)
            ports.crashPoints?.reached(.planAcknowledging)
            message.settlement.acknowledge()
            ports.crashPoints?.reached(.planAcknowledged)
        } catch let refusal as Refusal {
            await refuse(message, with: refusal)
        } catch {
            if !(error is CancellationError) {
                ports.logger.error("A plan message could not be handled.", metadata: ["error": "\(error)"])
            }
            await giveBackLater(message)
        }
    }

    private func accept(_ message: IncomingPlanMessage) async throws {
        switch message.routingKey {
        case "plan.requested": try await takeOver(message)
        case "plan.cancel": try await callOff(message)
        default: throw Refusal.unknownMessageType(message.routingKey)
        }
    }

    private func takeOver(_ message: IncomingPlanMessage) async throws {
        ports.crashPoints?.reached(.planReceived)
        let request = try PlanDecoder.decode(message.body, messageID: message.messageID, trace: message.trace)
        let accepted = try await submission.submit(request, userID: message.userID, from: .queue)
        try await answer(message, with: accepted.planID, of: request.domainID)
    }

    private func callOff(_ message: IncomingPlanMessage) async throws {
        let cancellation = try PlanCancellation.decode(message.body)
        let recall = try await gate.persist(.intake) { () throws(LedgerError) in
            try await ports.ledger.cancelPlan(cancellation, at: ports.time.now())
        }
        ports.crashPoints?.reached(.cancellationCommitted)
        switch recall {
        case .cancelled(let id), .repeated(let id): try await answer(message, with: id, of: cancellation.domainID)
        case .remembered(let end): await reply(to: message, PlanRecallView.json(cancellation, rememberedUntil: end))
        case .ended(let id, let status): throw Refusal.planCancelForbidden(id, status)
        case .unknown(let id): throw Refusal.planNotFound(id)
        }
    }

    /// Shows the plan to whoever asked.
    private func answer(
        _ message: IncomingPlanMessage, with id: PlanID, of domainID: DomainID
    ) async throws {
        guard message.replyTo != nil else { return }
        let snapshot = try await gate.persist(.intake) { () throws(LedgerError) in
            try await ports.ledger.planSnapshot(id, domainID: domainID)
        }
        guard let snapshot else { return }
        await reply(to: message, PlanView.json(snapshot, now: ports.time.now()))
    }

    private func reply(to message: IncomingPlanMessage, _ answer: JSON) async {
        guard let address = message.replyTo else { return }
        await ports.broker.reply(
            PlanReply(address: address, correlationID: message.correlationID, body: answer.serialized()))
    }

    /// Moves the message to the dead plans, records the event, answers whoever asked, and only then lets it go.
    private func refuse(_ message: IncomingPlanMessage, with refusal: Refusal) async {
        metrics.planRejected(refusal.code)
        ports.logger.notice(
            "A plan message was refused.",
            metadata: ["code": "\(refusal.code.rawValue)", "error": "\(refusal.message)"])
        let refused = RefusedPlanMessage(
            message: message, refusal: refusal,
            sanitizedBody: RefusedPlanBody.sanitize(message.body) { SHA256.digest($0) })
        guard await ports.broker.publish(refusedPlan: refused) == .confirmed else {
            return await giveBackLater(message)
        }
        ports.crashPoints?.reached(.refusalPublished)
        let identity = PlanDecoder.identify(message.body)
        let rejection = PlanRejection(
            domainID: identity.domainID, requestID: identity.requestID,
            idempotencyKey: identity.idempotencyKey ?? message.messageID, refusal: refusal,
            messageFingerprint: SHA256.digest(message.body), trace: message.trace, rejectedAt: ports.time.now())
        do {
            try await gate.persist(.intake) { () throws(LedgerError) in
                try await ports.ledger.recordRejection(rejection)
            }
        } catch {
            return await giveBackLater(message)
        }
        ports.crashPoints?.reached(.refusalRecorded)
        await reply(to: message, RefusalView.json(refusal, requestID: identity.requestID))
        message.settlement.acknowledge()
    }

    /// Given back at once it would come again at once, for as long as the broker cannot take what it is refused with or
    /// the ledger cannot take it.
    private func giveBackLater(_ message: IncomingPlanMessage) async {
        await Backoff.beforeGivingBack(ports)
        message.settlement.giveBack()
    }
}
