import Distribution
import HTTPTypes
import Orchestrator

enum TargetRoutes {
    static let endpoints: [Endpoint] = [
        .change(.post, "/targets", .administrators, answer: create),
        .list("/targets", .administrators, answer: list),
        .get("/targets/:id", .administrators, answer: show),
        .change(.put, "/targets/:id", .administrators, answer: update),
        .change(.delete, "/targets/:id", .administrators, answer: delete),
        .change(.post, "/targets/:id/enable", .administrators, answer: enable),
        .change(.post, "/targets/:id/pause", .administrators, answer: pause),
        .change(.post, "/targets/:id/resume", .administrators, answer: resume),
        .notBuilt(.post, "/targets/:id/test", .administrators, "Send a plan that names this target alone instead."),
        .notBuilt(
            .post, "/targets/:id/rotate-secret", .administrators,
            "Set a new secret with PUT /api/distribution/targets/:id instead."),
    ]

    @Sendable private static func create(_ call: Call) async throws -> Answer {
        try call.refuseIdempotencyKey()
        let input = try TargetDecoder.decodeNew(try await call.object())
        try call.checkDomain(input.domainID)
        let written = try await call.patiently { [isRehearsal = call.isRehearsal] in
            try await call.useCases.createTarget(input, domainID: call.domainID, isRehearsal: isRehearsal)
        }
        var answer = view(written.target, generated: written.generated, next: .useTarget(written), call)
        guard !call.isRehearsal else { return answer }
        answer.status = .created
        answer.location = "/api/distribution/targets/\(written.target.id)"
        return answer
    }

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let (now, useCases) = (call.useCases.now(), call.useCases)
        let show = { (target: Target) in
            TargetView.json(
                target, now: now, circuit: useCases.openCircuit(of: target.id),
                queueProblem: useCases.queueProblem(of: target.id))
        }
        return try await call.list(id: \.id.rawValue, show: show) { page in
            try await call.useCases.targets(domainID: call.domainID, page)
        }
    }

    @Sendable private static func show(_ call: Call) async throws -> Answer {
        view(try call.useCases.target(TargetID(try call.id()), domainID: call.domainID), call)
    }

    @Sendable private static func update(_ call: Call) async throws -> Answer {
        let id = TargetID(try call.id())
        let input = try TargetDecoder.decodeUpdate(try await call.object())
        try call.checkDomain(input.domainID)
        let written = try await call.patiently { [isRehearsal = call.isRehearsal] in
            try await call.useCases.updateTarget(id, input, domainID: call.domainID, isRehearsal: isRehearsal)
        }
        return view(written.target, generated: written.generated, call)
    }

    @Sendable private static func delete(_ call: Call) async throws -> Answer {
        let id = TargetID(try call.id())
        let target = try call.useCases.target(id, domainID: call.domainID)
        guard !call.isRehearsal else { return view(target, next: .target(target, .deleted), call) }
        let deleted = try await call.patiently {
            try await call.useCases.deleteTarget(id, domainID: call.domainID)
        }
        return view(deleted, next: .target(deleted, .deleted), call)
    }

    @Sendable private static func enable(_ call: Call) async throws -> Answer {
        let id = TargetID(try call.id())
        let target = try call.useCases.target(id, domainID: call.domainID)
        guard !call.isRehearsal else { return view(target, call) }
        let enabled = try await call.patiently {
            try await call.useCases.enableTarget(id, domainID: call.domainID)
        }
        return view(enabled, call)
    }

    @Sendable private static func pause(_ call: Call) async throws -> Answer {
        let id = TargetID(try call.id())
        let pause = try PauseBody.read(call, try await call.objectIfAny())
        let paused = try await call.patiently { [isRehearsal = call.isRehearsal] in
            try await call.useCases.pauseTarget(id, pause, domainID: call.domainID, isRehearsal: isRehearsal)
        }
        return view(paused, next: .target(paused, .paused), call)
    }

    @Sendable private static func resume(_ call: Call) async throws -> Answer {
        let id = TargetID(try call.id())
        let resumed = try await call.patiently { [isRehearsal = call.isRehearsal] in
            try await call.useCases.resumeTarget(id, domainID: call.domainID, isRehearsal: isRehearsal)
        }
        return view(resumed, call)
    }

    private static func view(
        _ target: Target, generated: [String: Secret] = [:], next action: RecommendedAction? = nil, _ call: Call
    ) -> Answer {
        let now = call.useCases.now()
        let circuit = call.useCases.openCircuit(of: target.id)
        return Answer(
            data: TargetView.json(
                target, now: now, circuit: circuit, queueProblem: call.useCases.queueProblem(of: target.id),
                generated: generated),
            meta: AnswerMeta(
                action: action ?? .standing(of: target, circuit, now: now), isRehearsal: call.isRehearsal))
    }
}

extension RecommendedAction {
    fileprivate static func useTarget(_ written: DistributionUseCases.WrittenTarget) -> RecommendedAction {
        let plan = "POST /api/distribution/plans"
        let names = written.generated.keys.sorted().joined(separator: ", ")
        let keep = names.isEmpty ? "" : "Keep what was generated, as it is shown this once: \(names). "
        return RecommendedAction(sentence: "\(keep)Send content to it with \(plan).", availableActions: [plan])
    }
}
