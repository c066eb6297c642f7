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
        .notBuilt(
            .post, "/dead-letters/replay", .administrators,
            "Dead letters cannot be replayed here yet; move the message to distribution.jobs, or send a new plan."),
        .get("/dead-letters/:id", .administrators, answer: show),
    ]

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let filter = try JobFilter(call.query)
        return try await call.list(id: \.job.id.rawValue, show: DeadLetterView.json) { page in
            try await call.useCases.deadLetters(domainID: call.domainID, page, filter: filter)
        }
    }

    @Sendable private static func show(_ call: Call) async throws -> Answer {
        let letter = try await call.useCases.deadLetter(JobID(try call.id()), domainID: call.domainID)
        return Answer(
            data: DeadLetterDetail.json(letter),
            meta: AnswerMeta(
                action: RecommendedAction(
                    sentence: Remediation.sentence(for: letter.error.code),
                    availableActions: [
                        "GET /api/distribution/jobs/\(letter.claim.jobID)",
                        "POST /api/distribution/jobs/\(letter.claim.jobID)/retry",
                    ], priority: .high)))
    }
}
