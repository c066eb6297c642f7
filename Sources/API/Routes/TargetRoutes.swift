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
        .notBuilt(
            .post, "/targets/:id/pause", .administrators,
            "Targets cannot be paused yet; delete the target, or let its jobs go out."),
        .notBuilt(
            .post, "/targets/:id/resume", .administrators, "Targets cannot be paused yet, so none has to resume."),
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
        var answer = view(written.target, generated: written.generated, after: .created, call)
        guard !call.isRehearsal else { return answer }
        answer.status = .created
        answer.location = "/api/distribution/targets/\(written.target.id)"
        return answer
    }

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        try await call.list(id: \.id.rawValue, show: { TargetView.json($0) }) { page in
            try await call.useCases.targets(domainID: call.domainID, page)
        }
    }

    @Sendable private static func show(_ call: Call) async throws -> Answer {
        view(try call.useCases.target(TargetID(try call.id()), domainID: call.domainID), after: nil, call)
    }

    @Sendable private static func update(_ call: Call) async throws -> Answer {
        let id = TargetID(try call.id())
        let input = try TargetDecoder.decodeUpdate(try await call.object())
        try call.checkDomain(input.domainID)
        let written = try await call.patiently { [isRehearsal = call.isRehearsal] in
            try await call.useCases.updateTarget(id, input, domainID: call.domainID, isRehearsal: isRehearsal)
        }
        return view(written.target, generated: written.generated, after: .updated, call)
    }

    @Sendable private static func delete(_ call: Call) async throws -> Answer {
        let id = TargetID(try call.id())
        let target = try call.useCases.target(id, domainID: call.domainID)
        guard !call.isRehearsal else { return view(target, after: .deleted, call) }
        let deleted = try await call.patiently {
            try await call.useCases.deleteTarget(id, domainID: call.domainID)
        }
        return view(deleted, after: .deleted, call)
    }

    @Sendable private static func enable(_ call: Call) async throws -> Answer {
        let id = TargetID(try call.id())
        let target = try call.useCases.target(id, domainID: call.domainID)
        guard !call.isRehearsal else { return view(target, after: nil, call) }
        let enabled = try await call.patiently {
            try await call.useCases.enableTarget(id, domainID: call.domainID)
        }
        return view(enabled, after: .updated, call)
    }

    /// - Parameter event: what has just happened to the target; nil where it is only looked at.
    private static func view(
        _ target: Target, generated: [String: Secret] = [:], after event: TargetEvent?, _ call: Call
    ) -> Answer {
        let present: TargetEvent = target.isActive ? .updated : .disabled
        let action = RecommendedAction.target(
            target, event == .deleted || event == .created ? event ?? present : present)
        return Answer(
            data: TargetView.json(target, generated: generated),
            meta: AnswerMeta(action: action, isRehearsal: call.isRehearsal))
    }
}
