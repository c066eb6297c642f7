import Distribution
import HTTPTypes
import Orchestrator

enum DeadLetterRoutes {
    static let endpoints: [Endpoint] = [
        .list(
            "/dead-letters", .administrators, filters: JobFilter.queryNames.subtracting(["status"]), answer: list),
        .notBuilt(
            .delete, "/dead-letters", .administrators,
            "Dead letters cannot be purged yet; the broker drops its copies after 14 days by itself."),
        .change(.post, "/dead-letters/replay", .administrators, answer: replay),
        .get("/dead-letters/:id", .administrators, answer: show),
    ]

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let filter = try JobFilter(call.query)
        return try await call.list(id: \.job.id.rawValue, show: DeadLetterView.json) { page in
            try await call.useCases.deadLetters(domainID: call.domainID, page, filter: filter)
        }
    }

    /// Answers with how many were handed out anew, and where to go on once the limit or the call's patience was reached.
    @Sendable private static func replay(_ call: Call) async throws -> Answer {
        let body = try ReplayBody(call, try await call.object())
        let replay = try await call.patiently {
            try await call.useCases.replayDeadLetters(
                domainID: call.domainID, body.selection, after: body.after, limit: body.limit,
                isRehearsal: call.isRehearsal)
        }
        let action = RecommendedAction.replayed(replay, isRehearsal: call.isRehearsal)
        return Answer(
            data: .object([
                "replayed": .integer(replay.replayed), "skipped": .integer(replay.skipped),
                "recommendedNextAction": .string(action.sentence),
            ]),
            meta: AnswerMeta(
                action: action, isRehearsal: call.isRehearsal,
                continuation: .init(nextCursor: replay.last.map { Cursor.encode($0.rawValue) })))
    }

    @Sendable private static func show(_ call: Call) async throws -> Answer {
        let id = JobID(try call.id())
        let letter = try await call.useCases.deadLetter(id, domainID: call.domainID)
        let job = try await call.useCases.job(id, domainID: call.domainID)
        let next = RecommendedAction.job(
            JobFacts(job.summary.job), now: call.useCases.now(), isReplayable: job.summary.isReplayable)
        return Answer(
            data: DeadLetterDetail.json(letter),
            meta: AnswerMeta(
                action: RecommendedAction(
                    sentence: Remediation.sentence(for: letter.error.code),
                    availableActions: ["GET /api/distribution/jobs/\(id)"] + next.availableActions, priority: .high)))
    }
}

extension RecommendedAction {
    fileprivate static func replayed(_ replay: DistributionUseCases.Replay, isRehearsal: Bool) -> RecommendedAction {
        let send = "POST /api/distribution/dead-letters/replay"
        let skipped =
            replay.skipped == 0
            ? "" : " \(replay.skipped) cannot be replayed: send new plans for what they were to deliver."
        if isRehearsal {
            return .init(
                sentence: "Nothing was changed; \(replay.replayed) would be replayed.\(skipped)",
                availableActions: replay.replayed > 0 ? [send] : [])
        }
        if replay.last != nil {
            return .init(
                sentence: "\(replay.replayed) are on their way again.\(skipped) Go on with \(send) and the cursor.",
                availableActions: [send], priority: .medium)
        }
        return .init(sentence: "\(replay.replayed) are on their way again.\(skipped)")
    }
}
