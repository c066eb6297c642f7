package import Distribution
import Testing

/// A ledger with targets, and short words for what happens to jobs; the contract suite is written in it.
package struct LedgerScenario: Sendable {
    package let ledger: any Ledger
    package let targets: [Target]
    package static let domain = DomainID(1)

    /// A ledger with `count` webhook targets in domain 1.
    package init(_ ledger: any Ledger, targets count: Int = 2) async throws {
        self.ledger = ledger
        var targets: [Target] = []
        for number in 0..<count { targets.append(try await ledger.createTarget(Self.newTarget("target \(number)"))) }
        self.targets = targets
    }

    package static func newTarget(
        _ name: String = "shop", domain: DomainID = domain, secret: String = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQh"
    ) -> NewTarget {
        NewTarget(
            domainID: domain, channelType: .webhook, name: name,
            configuration: ["url": .string("https://receiver.example/hook")], credentials: ["secret": Secret(secret)],
            delivery: DeliverySettings(), queueType: .quorum, createdAt: Sample.now)
    }

    /// 32 bytes that stand for a digest; equal for equal text.
    package static func digest(_ text: String) -> Digest256 {
        var bytes = [UInt8](repeating: 7, count: 32)
        for (index, byte) in text.utf8.enumerated() { bytes[index % 32] = bytes[index % 32] &* 31 &+ byte }
        guard let digest = Digest256(bytes: bytes) else { preconditionFailure("32 bytes are a digest") }
        return digest
    }

    /// A plan with one job a target, all with the same body.
    package func prepared(
        key: String = "key-1", scheduledAt: Timestamp? = nil, expiresAt: Timestamp? = nil, maxAttempts: Int = 3,
        blocked: Set<Int> = [], body: String = "{}", trace: TraceContext? = nil, at time: Timestamp = Sample.now
    ) -> PreparedPlan {
        let request = Sample.planRequest(
            idempotencyKey: key, scheduledAt: scheduledAt, policy: Sample.policy(expiresAt: expiresAt), trace: trace)
        let jobs = targets.enumerated().map { index, target in
            PreparedPlan.PreparedJob(
                targetID: target.id, channelType: target.channelType,
                deliveryID: Sample.deliveryID(
                    Int64(index) + 1000 * Int64(key.utf8.reduce(0) { $0 &* 31 + Int($1) } % 9999)),
                maxAttempts: maxAttempts,
                content: blocked.contains(index)
                    ? .blocked(DeliveryError(code: .policyChannelDenied, message: "No.")) : .payload(0))
        }
        return PreparedPlan(
            request: request, requestDigest: Self.digest(key + body), acceptedAt: time, userID: nil,
            payloads: [Payload(digest: Self.digest(body), contentType: "application/json", bytes: Array(body.utf8))],
            jobs: jobs)
    }

    /// Accepts a plan that must be new.
    package func accept(_ prepared: PreparedPlan) async throws -> (plan: PlanID, jobs: [JobID]) {
        guard case .created(let plan, let jobs, _) = try await ledger.accept(prepared) else {
            throw ScenarioFailure("the plan was not created")
        }
        return (plan, jobs)
    }

    package func cancellation(_ id: PlanID) -> PlanCancellation {
        PlanCancellation(domainID: Self.domain, subject: .id(id))
    }

    package func job(_ id: JobID) async throws -> JobSnapshot {
        try #require(try await ledger.jobSnapshot(id, domainID: Self.domain))
    }

    package func plan(_ id: PlanID) async throws -> Plan {
        try #require(try await ledger.planSnapshot(id, domainID: Self.domain)).plan
    }

    /// What the newest message of a job would ask for.
    package func request(_ id: JobID, epoch: Int64? = nil, at time: Timestamp = Sample.now) async throws
        -> AttemptRequest
    {
        let job = try await job(id).summary.job
        let claim = JobClaim(
            jobID: job.id, planID: job.planID, targetID: job.targetID, domainID: job.domainID,
            channelType: job.channelType, deliveryID: job.deliveryID, epoch: epoch ?? job.epoch)
        return AttemptRequest(
            claim: claim, payloadDigest: job.payloadDigest ?? Self.digest(""), isRedelivered: false, startedAt: time)
    }

    /// Begins an attempt that must start.
    package func begin(_ id: JobID, at time: Timestamp = Sample.now) async throws -> AttemptGrant {
        let decision = try await ledger.begin(request(id, at: time))
        guard case .start(let grant) = decision else { throw ScenarioFailure("the attempt got \(decision)") }
        return grant
    }

    @discardableResult
    package func record(
        _ grant: AttemptGrant, _ resolution: AttemptReport.Resolution, at time: Timestamp? = nil
    ) async throws -> RecordedAttempt {
        try await ledger.record(Self.report(grant, resolution, at: time))
    }

    package static func report(
        _ grant: AttemptGrant, _ resolution: AttemptReport.Resolution, at time: Timestamp? = nil
    ) -> AttemptReport {
        let (status, certainty): (Int?, Certainty) =
            switch resolution {
            case .succeeded: (200, .accepted)
            case .retry, .throttled, .failed, .targetGone: (503, .rejected)
            case .givenBack: (nil, .unsent)
            }
        let outcome: DeliveryResult.Outcome =
            switch resolution {
            case .succeeded(let id, let url): .accepted(externalID: id, externalURL: url)
            case .retry, .throttled, .failed, .targetGone: .rejected(statusCode: 503, retryAfter: nil)
            case .givenBack: .failed(code: .timeout, message: "Shutting down.", certainty: .unsent)
            }
        return AttemptReport(
            grant: grant, finishedAt: time ?? grant.startedAt.adding(milliseconds: 50),
            result: DeliveryResult(
                outcome: outcome, statusCode: status, durationMilliseconds: 50, responseExcerpt: "answer"),
            certainty: certainty, resolution: resolution)
    }

    package static let error = DeliveryError(
        code: .httpStatus, message: "HTTP 503", statusCode: 503, certainty: .rejected)

    /// Every event that is owed, in order.
    package func events() async throws -> [ObservedEvent] {
        try await ledger.owedEvents(after: 0, limit: 10_000).map(ObservedEvent.init)
    }

    /// The kinds of the events that are owed, without those of targets being created.
    package func eventKinds() async throws -> [String] {
        try await events().map(\.kind).filter { $0 != "target.created" }
    }
}

/// An owed event as a consumer would read it.
package struct ObservedEvent: Sendable {
    package let place: Int64
    /// `job.succeeded`, without the `distribution.` before it.
    package let kind: String
    package let subject: String?
    package let sequence: Int64?
    package let data: JSONObject

    init(_ owed: OwedEvent) throws {
        place = owed.place
        let object = try #require(try JSON.parse(owed.event.body).objectValue)
        kind = String(try #require(object["type"]?.stringValue).dropFirst("distribution.".count))
        subject = object["subject"]?.stringValue
        sequence = object["sequence"]?.stringValue.flatMap { Int64($0) }
        data = try #require(object["data"]?.objectValue)
    }
}

package struct ScenarioFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
