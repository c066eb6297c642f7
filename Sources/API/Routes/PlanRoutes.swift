import Distribution
import HTTPTypes
import Orchestrator

enum PlanRoutes {
    static func endpoints(_ configuration: APIConfiguration) -> [Endpoint] {
        [
            .change(.post, "/plans", .publishers) { call in try await submit(call, configuration) },
            .list("/plans", .readers, filters: ["status"], answer: list),
            .get("/plans/:id", .readers, answer: show),
            .change(.post, "/plans/cancel", .writers, answer: cancelByKey),
            .change(.post, "/plans/:id/cancel", .writers, answer: cancel),
            .change(.post, "/plans/:id/retry", .writers, answer: retry),
        ]
    }

    @Sendable private static func submit(_ call: Call, _ configuration: APIConfiguration) async throws -> Answer {
        let submission = try PlanSubmissionBody(call, try await call.object())
        guard !call.isRehearsal else {
            let snapshot = try await call.useCases.rehearsePlan(submission.request)
            return Answer(
                data: PlanView.json(snapshot, now: call.useCases.now(), standings: call.useCases.standings()),
                meta: AnswerMeta(action: .sendForGood, isRehearsal: true))
        }
        let submitted = try await call.patiently {
            try await call.useCases.submitPlan(submission.request)
        }
        var snapshot = submitted.snapshot
        if submission.awaitsDelivery, !snapshot.plan.status.isFinal {
            let deadline = call.useCases.now().adding(milliseconds: configuration.deliveryWaitMilliseconds)
            snapshot = try await call.useCases.awaitPlan(snapshot.plan.id, domainID: call.domainID, until: deadline)
        }
        var answer = view(snapshot, call)
        answer.status = submitted.isRepetition ? .ok : .created
        answer.isReplayed = submitted.isRepetition
        answer.location = "/api/distribution/plans/\(snapshot.plan.id)"
        return answer
    }

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let status: PlanStatus? = try call.query.choice("status")
        let now = call.useCases.now()
        return try await call.list(id: \.id.rawValue, show: { PlanView.summary($0, now: now) }) { page in
            try await call.useCases.plans(domainID: call.domainID, page, status: status)
        }
    }

    @Sendable private static func show(_ call: Call) async throws -> Answer {
        view(try await call.useCases.plan(PlanID(try call.id()), domainID: call.domainID), call)
    }

    @Sendable private static func cancel(_ call: Call) async throws -> Answer {
        let id = PlanID(try call.id())
        let cancelled = try await call.patiently {
            try await call.useCases.cancelPlan(id, domainID: call.domainID, isRehearsal: call.isRehearsal)
        }
        var answer = view(cancelled.snapshot, call)
        answer.isReplayed = cancelled.isRepetition
        return answer
    }

    /// For who knows a plan by its key alone, or is before it.
    @Sendable private static func cancelByKey(_ call: Call) async throws -> Answer {
        var object = try await call.object()
        let reader = JSONReader(object)
        try reader.refuseUnknown(allowed: ["idempotencyKey", "domainId", "schemaVersion"])
        try call.checkDomain(try reader.optionalInteger("domainId").map { DomainID($0) })
        object["domainId"] = .integer(call.domainID.rawValue)
        let cancellation = try PlanCancellation.decode(object)
        guard case .idempotencyKey(let key) = cancellation.subject else {
            throw reader.refusal("idempotencyKey", "is required")
        }
        let outcome = try await call.patiently { [isRehearsal = call.isRehearsal] in
            try await call.useCases.cancelPlan(
                idempotencyKey: key, domainID: call.domainID, isRehearsal: isRehearsal)
        }
        switch outcome {
        case .cancelled(let cancelled):
            var answer = view(cancelled.snapshot, call)
            answer.isReplayed = cancelled.isRepetition
            return answer
        case .remembered(let end):
            return Answer(
                data: PlanRecallView.json(cancellation, rememberedUntil: end),
                meta: AnswerMeta(
                    action: RecommendedAction(sentence: PlanRecallView.sentence(until: end)),
                    isRehearsal: call.isRehearsal))
        }
    }

    @Sendable private static func retry(_ call: Call) async throws -> Answer {
        let id = PlanID(try call.id())
        let snapshot = try await call.patiently {
            try await call.useCases.retryPlan(id, domainID: call.domainID, isRehearsal: call.isRehearsal)
        }
        return view(snapshot, call)
    }

    private static func view(_ snapshot: PlanSnapshot, _ call: Call) -> Answer {
        let (now, standings) = (call.useCases.now(), call.useCases.standings())
        return Answer(
            data: PlanView.json(snapshot, now: now, standings: standings),
            meta: AnswerMeta(
                action: PlanView.action(snapshot, now: now, standings: standings), isRehearsal: call.isRehearsal))
    }
}

extension RecommendedAction {
    fileprivate static let sendForGood = RecommendedAction(
        sentence: "Nothing was written. Send it without mode=dry_run to distribute it.",
        availableActions: ["POST /api/distribution/plans"])
}
