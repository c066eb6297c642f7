import Distribution
import LedgerSQLite
import Logging
import Orchestrator
import Sealing

/// A ledger as it would be after months, written through the ledger itself with the clock put back.
enum OldLedger {
    private static let workers = 256
    private static let age: Int64 = 100 * 86_400_000

    /// Bytes that a job lets go of, then its plan, the job, its attempt and its receipt.
    static func rows(ofPlans plans: Int) -> Double { Double(plans * 5) }

    /// Writes down plans of 100 days ago that were delivered to one target each.
    static func fill(_ folder: String, plans: Int) async throws {
        let time = SystemTime()
        let randomness = SecureRandomness()
        let key = try MasterKey.loadOrCreate(file: folder + "/master.key")
        let ledger = try SQLiteLedger(
            path: folder + "/ledger.sqlite", sealer: Sealer(masterKey: key), instance: "bench", time: time,
            randomness: randomness, logger: Logger(label: "clawcast-bench"))
        let then = time.now().adding(milliseconds: -age)
        let target = try await ledger.createTarget(
            NewTarget(
                domainID: DomainID(1), channelType: .webhook, name: "old",
                configuration: ["url": .string("http://127.0.0.1:1/")], credentials: [:], delivery: DeliverySettings(),
                queueType: .quorum, createdAt: then))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<workers {
                group.addTask {
                    for number in stride(from: worker, to: plans, by: workers) {
                        try await deliver(number, to: target, in: ledger, at: then, randomness)
                    }
                }
            }
            try await group.waitForAll()
        }
        if let last = try await ledger.owedEvents(after: 0, limit: 1).first {
            try await ledger.confirmEvents(through: last.place + Int64(plans) * 4)
        }
        try await ledger.close()
    }

    private static func deliver(
        _ number: Int, to target: Target, in ledger: SQLiteLedger, at then: Timestamp, _ randomness: SecureRandomness
    ) async throws {
        let body: JSONObject = [
            "idempotencyKey": .string("old-\(number)"), "domainId": 1, "contentItemId": .integer(number + 1),
            "contentVersion": 1, "targets": .array([.object(["targetId": .integer(target.id.rawValue)])]),
            "content": .object([
                "contentTypeId": 15, "contentTypeSlug": "article", "status": "published",
                "data": .object(["title": "T"]), "premiumFields": .array([]),
            ]),
            "policy": .object(["basis": "owner"]),
        ]
        let request = try PlanDecoder.decode(body, messageID: nil, trace: nil)
        let bytes = Array(String(repeating: "\(number) ", count: 2_048 / 8).utf8)
        let payload = Payload(digest: SHA256.digest(bytes), contentType: "application/json", bytes: bytes)
        let job = PreparedPlan.PreparedJob(
            targetID: target.id, channelType: .webhook, deliveryID: DeliveryID(randomness.uuid(at: then)),
            maxAttempts: 10, content: .payload(0))
        let plan = PreparedPlan(
            request: request, requestDigest: payload.digest, acceptedAt: then, userID: nil, payloads: [payload],
            jobs: [job])
        guard case .created(let planID, let jobIDs, _) = try await ledger.accept(plan), let jobID = jobIDs.first else {
            throw BenchError("An old plan was not created.")
        }
        let claim = JobClaim(
            jobID: jobID, planID: planID, targetID: target.id, domainID: DomainID(1), channelType: .webhook,
            deliveryID: job.deliveryID, epoch: 1)
        let attempt = AttemptRequest(
            claim: claim, payloadDigest: payload.digest, isRedelivered: false, startedAt: then)
        guard case .start(let grant) = try await ledger.begin(attempt) else {
            throw BenchError("An old attempt did not start.")
        }
        let result = DeliveryResult(
            outcome: .accepted(externalID: nil, externalURL: nil), statusCode: 200, durationMilliseconds: 20,
            responseExcerpt: "ok")
        _ = try await ledger.record(
            AttemptReport(
                grant: grant, finishedAt: then.adding(milliseconds: 20), result: result, certainty: .accepted,
                resolution: .succeeded(externalID: nil, externalURL: nil)))
    }
}
