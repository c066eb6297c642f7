import Distribution
import HTTPTypes
import Orchestrator

enum DeadLetterRoutes {
    static let endpoints: [Endpoint] =
        [
            .list("/dead-letters", .administrators, filters: JobFilter.deadQueryNames, answer: list),
            .change(
                .delete, "/dead-letters", .administrators, parameters: DeadLetterRequest.purgeParameters
            ) { call in try await start(try DeadLetterRequest(purge: call).run, call) },
            .change(.post, "/dead-letters/replay", .administrators) { call in
                try await start(try DeadLetterRequest(replay: try await call.object(), call).run, call)
            },
            .get("/dead-letters/:id", .administrators, answer: show),
        ] + DeadLetterRun.Kind.allCases.flatMap(runs)

    /// The runs of one kind: `/dead-letters/replays`, `/dead-letters/purges`.
    private static func runs(_ kind: DeadLetterRun.Kind) -> [Endpoint] {
        let path = "/dead-letters/\(kind.plural)"
        return [
            .list(path, .administrators) { call in
                try await call.list(id: \.id.rawValue, show: DeadLetterRunView.json) { page in
                    try await call.useCases.runs(kind, domainID: call.domainID, page)
                }
            },
            .get("\(path)/:id", .administrators) { call in
                view(try await call.useCases.run(DeadLetterRunID(try call.id()), kind, domainID: call.domainID))
            },
            .change(.post, "\(path)/:id/cancel", .administrators) { call in
                let id = DeadLetterRunID(try call.id())
                let cancelled = try await call.patiently {
                    try await call.useCases.cancelRun(
                        id, kind, domainID: call.domainID, isRehearsal: call.isRehearsal)
                }
                var answer = view(cancelled.run, isRehearsal: call.isRehearsal)
                answer.isReplayed = cancelled.isRepetition
                return answer
            },
        ]
    }

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let filter = try JobFilter(call.query)
        return try await call.list(id: \.job.id.rawValue, show: DeadLetterView.json) { page in
            try await call.useCases.deadLetters(domainID: call.domainID, page, filter: filter)
        }
    }

    /// Accepts a run, which is carried out once this has answered; a rehearsal only counts.
    private static func start(_ run: NewDeadLetterRun, _ call: Call) async throws -> Answer {
        guard !call.isRehearsal else {
            let count = try await call.useCases.countDeadLetters(for: run)
            return Answer(
                data: DeadLetterRunView.json(run, counted: count),
                meta: AnswerMeta(action: DeadLetterRunView.action(run, counted: count), isRehearsal: true))
        }
        let accepted = try await call.patiently { try await call.useCases.startRun(run) }
        var answer = view(accepted.run)
        answer.status = accepted.isRepetition ? .ok : .accepted
        answer.isReplayed = accepted.isRepetition
        answer.location = "/api/distribution/dead-letters/\(run.kind.plural)/\(accepted.run.id)"
        return answer
    }

    private static func view(_ run: DeadLetterRun, isRehearsal: Bool = false) -> Answer {
        Answer(
            data: DeadLetterRunView.json(run),
            meta: AnswerMeta(action: DeadLetterRunView.action(run), isRehearsal: isRehearsal))
    }

    @Sendable private static func show(_ call: Call) async throws -> Answer {
        let id = JobID(try call.id())
        let letter = try await call.useCases.deadLetter(id, domainID: call.domainID)
        let job = try await call.useCases.job(id, domainID: call.domainID)
        let next = RecommendedAction.job(
            JobFacts(job.summary.job), now: call.useCases.now(), isReplayable: job.summary.isReplayable)
        return Answer(
            data: DeadLetterDetail.json(letter, next: next.sentence),
            meta: AnswerMeta(
                action: RecommendedAction(
                    sentence: next.sentence,
                    availableActions: ["GET /api/distribution/jobs/\(id)"] + next.availableActions, priority: .high)))
    }
}
