import Distribution
import HTTPTypes
import Orchestrator

enum JobRoutes {
    static let endpoints: [Endpoint] = [
        .list("/jobs", .readers, filters: JobFilter.queryNames, answer: list),
        .get("/jobs/:id", .readers, answer: show),
        .change(.post, "/jobs/:id/retry", .writers, answer: retry),
        .change(.post, "/jobs/:id/cancel", .writers, answer: cancel),
        .list("/receipts", .readers, answer: listReceipts),
    ]

    @Sendable private static func list(_ call: Call) async throws -> Answer {
        let filter = try JobFilter(call.query)
        let (now, standings) = (call.useCases.now(), call.useCases.standings())
        let show = { (job: JobSummary) in JobView.summary(job, now: now, standings: standings) }
        return try await call.list(id: \.job.id.rawValue, show: show) { page in
            try await call.useCases.jobs(domainID: call.domainID, page, filter: filter)
        }
    }

    @Sendable private static func show(_ call: Call) async throws -> Answer {
        view(try await call.useCases.job(JobID(try call.id()), domainID: call.domainID), call)
    }

    @Sendable private static func retry(_ call: Call) async throws -> Answer {
        let id = JobID(try call.id())
        let snapshot = try await call.patiently {
            try await call.useCases.retryJob(id, domainID: call.domainID, isRehearsal: call.isRehearsal)
        }
        return view(snapshot, call)
    }

    @Sendable private static func cancel(_ call: Call) async throws -> Answer {
        let id = JobID(try call.id())
        let cancelled = try await call.patiently {
            try await call.useCases.cancelJob(id, domainID: call.domainID, isRehearsal: call.isRehearsal)
        }
        var answer = view(cancelled.snapshot, call)
        answer.isReplayed = cancelled.isRepetition
        return answer
    }

    private static func view(_ snapshot: JobSnapshot, _ call: Call) -> Answer {
        let (now, standings) = (call.useCases.now(), call.useCases.standings())
        return Answer(
            data: JobView.json(snapshot, now: now, standings: standings),
            meta: AnswerMeta(
                action: JobView.action(snapshot.summary, now: now, standings: standings),
                isRehearsal: call.isRehearsal))
    }

    @Sendable private static func listReceipts(_ call: Call) async throws -> Answer {
        try await call.list(id: \.id.rawValue, show: ReceiptView.json) { page in
            try await call.useCases.receipts(domainID: call.domainID, page)
        }
    }
}

extension JobFilter {
    static let queryNames: Set<String> = ["planId", "targetId", "channelType", "status", "errorCode"]
    /// Of dead letters, which all have the same status.
    static let deadQueryNames = queryNames.subtracting(["status"]).union(["diedFrom", "diedBefore"])
    private static let momentComplaint = "must be an ISO 8601 date and time with a zone"

    init(_ query: Query) throws(Refusal) {
        self.init(
            planID: try query.id("planId").map { PlanID($0) }, targetID: try query.id("targetId").map { TargetID($0) },
            channelType: try query.value("channelType", ChannelType.init(rawValue:), "must be the name of a channel"),
            status: try query.choice("status"),
            errorCode: try query.value("errorCode", ErrorCode.init(rawValue:), "must be a code such as HTTP_STATUS"),
            diedFrom: try query.value("diedFrom", Timestamp.init(iso8601:), Self.momentComplaint),
            diedBefore: try query.value("diedBefore", Timestamp.init(iso8601:), Self.momentComplaint))
    }
}
