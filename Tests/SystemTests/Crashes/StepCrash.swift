import AMQP
import Distribution
import GRDB
import LocalReceiver
import Orchestrator
import Testing

/// A crash between two steps of what befalls more jobs than one transaction may move: a plan that is called off or tried
/// again, a target that is deleted.
enum StepCrash {
    private static let jobs = 1_100

    /// Lets the case happen on a ledger of its own, and records what must not be.
    static func run(_ each: CrashCase, url: String) async throws {
        try await CrashStage.with(url) { stage in
            let target = stage.targets.good
            let isRetry = each.point == .retryStepCommitted
            try prepare(stage.folder, target, areDead: isRetry)
            try await BrokerClient.with(url) { client in
                let events = try await EventLog(client)
                try await stage.crash(each) { service in
                    await service.untilReady()
                    // Its first step is committed, so that nobody need ask again.
                    #expect(try await ask(each, service, target) == nil, "\(each)")
                    let type = "distribution.job.\(isRetry ? "succeeded" : "cancelled")"
                    try await events.wait(until: { all in
                        Set(all.lazy.filter { $0.type == type }.map { $0.job["id"] }).count == jobs
                    })
                    // That the plan has ended is told of behind them.
                    let last = try stage.ledger.number("SELECT sequence FROM distribution_plans") ?? 0
                    try await events.wait(until: { ids(of: $0)[last] != nil })
                    if each.point == .targetDeleted { await goes("distribution.jobs.webhook.\(target)", client) }
                }
                try check(each, try stage.ledger, events.events)
                #expect(stage.receiver.count() == (isRetry ? jobs : 0), "\(each)")
            }
        }
    }

    private static func ask(
        _ each: CrashCase, _ service: StandingService, _ target: TargetID
    ) async throws -> APIProbe.Answer? {
        switch each.point {
        case .cancellationStepCommitted: try await service.callOnce("POST", "/plans/1/cancel")
        case .retryStepCommitted: try await service.callOnce("POST", "/plans/1/retry")
        default: try await service.callOnce("DELETE", "/targets/\(target)")
        }
    }

    /// Returns once a queue is not there any more. Nothing tells of it, so it is looked for.
    private static func goes(_ queue: String, _ client: Connection) async {
        while !Task.isCancelled {
            let info = try? await client.withChannel { try await $0.declareQueue(name: queue, passive: true) }
            if info == nil { return }
        }
    }

    /// All jobs have gone the same way, and each is told of once.
    private static func check(_ each: CrashCase, _ ledger: LedgerFile, _ events: [EventLog.Event]) throws {
        let status = each.point == .retryStepCommitted ? "succeeded" : "cancelled"
        let counts = try ledger.counts("SELECT status, count(*) FROM distribution_jobs GROUP BY status")
        #expect(counts == [status: jobs], "\(each)")
        #expect(try ledger.number("SELECT \(status)Count FROM distribution_plans") == jobs, "\(each)")
        #expect(try ledger.number("SELECT count(*) FROM plan_retries") == 0, "\(each)")
        #expect(try ledger.number("SELECT count(*) FROM event_outbox") == 0, "\(each)")
        let ids = ids(of: events)
        let last = try ledger.number("SELECT sequence FROM distribution_plans") ?? 0
        #expect(Set(ids.keys) == Set(2...last), "\(each): not every event was told")
        #expect(ids.values.allSatisfy { $0.count == 1 }, "\(each): an event has two ids")
    }

    /// The ids of the plan's events, by their places.
    private static func ids(of events: [EventLog.Event]) -> [Int: Set<String>] {
        var ids: [Int: Set<String>] = [:]
        for event in events where event.plan["id"]?.integerValue == 1 {
            let sequence = event.envelope["sequence"]?.stringValue.flatMap { Int($0) } ?? 0
            ids[sequence, default: []].insert(event.messageID ?? "")
        }
        return ids
    }

    /// Writes down a plan whose jobs wait for its time, or are all dead. They share a target, unlike those of any plan that
    /// is accepted: so many targets would take longer to make than the story.
    private static func prepare(_ folder: String, _ target: TargetID, areDead: Bool) throws {
        let queue = try DatabaseQueue(path: folder + "/ledger.sqlite")
        defer { try? queue.close() }
        let now = SystemTime().now()
        let later = now.adding(milliseconds: 86_400_000).iso8601
        // The digest of no bytes at all.
        let digest = "x'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"
        let end = areDead ? "'\(now.iso8601)'" : "NULL"
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO distribution_payloads (digest, contentType, bytes, uses)
                    VALUES (\(digest), 'application/json', x'', \(jobs));
                    INSERT INTO distribution_plans (domainId, idempotencyKey, requestDigest, contentItemId,
                        contentVersion, scheduledAt, status, queuedCount, runningCount, retryingCount, succeededCount,
                        failedCount, blockedCount, cancelledCount, hasBegun, sequence, firstJobId, lastJobId, createdBy,
                        createdAt, completedAt)
                    VALUES (1, 'large', zeroblob(32), 1, 1, \(areDead ? "NULL" : "'\(later)'"),
                        \(areDead ? "'failed', 0, 0, 0, 0, \(jobs), 0, 0, 1" : "'queued', \(jobs), 0, 0, 0, 0, 0, 0, 0"),
                        1, 1, \(jobs), 'null', '\(now.iso8601)', \(end));
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(jobs))
                    INSERT INTO distribution_jobs (planId, domainId, targetId, channelType, deliveryId, payloadDigest,
                        payloadId, epoch, publishedEpoch, attempt, scheduleStep, maxAttempts, status, nextAttemptAt,
                        createdAt, updatedAt, endedAt, diedAt, deadLetter, errorCode, lastError)
                    SELECT 1, 1, \(target), 'webhook', printf('msg_018f0000-0000-7000-8000-%012x', i), \(digest), 1, 1,
                        \(areDead ? "1, 1, 0, 4, 'failed', NULL" : "0, 0, 0, 4, 'queued', '\(later)'"),
                        '\(now.iso8601)', '\(now.iso8601)', \(end), \(end),
                        \(areDead ? "'published', 'TIMEOUT', 'Late.'" : "NULL, NULL, NULL") FROM n;
                    """)
            guard areDead else { return }
            try database.execute(
                sql: """
                    INSERT INTO distribution_attempts (jobId, number, incarnation, startedAt, finishedAt, certainty)
                    SELECT id, 1, 1, createdAt, createdAt, 'rejected' FROM distribution_jobs;
                    """)
        }
    }
}
