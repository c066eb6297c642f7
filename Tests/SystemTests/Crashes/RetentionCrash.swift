import Distribution
import Foundation
import GRDB
import Orchestrator
import Testing

/// A crash while a plan of a hundred days ago is being removed, in steps that are too small for it.
enum RetentionCrash {
    private static let targets = 250

    /// Lets the case happen on a ledger of its own, and records what must not be.
    static func run(_ each: CrashCase, url: String) async throws {
        try await CrashStage.with(url) { stage in
            try prepare(stage.folder)
            let after = try stage.ledger.number("SELECT max(id) FROM distribution_plans") ?? 0
            let key = "\(each)"
            try await stage.crash(each) { service in
                // Whether it comes before the crash or after it.
                _ = try await service.call("POST", "/plans", Plans.owner(key: key, targets: [stage.targets.good]))
                try await untilRemoved(service, stage.folder)
                #expect(try await service.call("GET", "/plans/1").code == "PLAN_NOT_FOUND")
            }
            try check(stage.folder, after: after)
        }
    }

    /// Writes down a plan that ended long ago, half of it delivered, half of it dead.
    private static func prepare(_ folder: String) throws {
        var configuration = Configuration()
        // As for the ledger: the jobs are written before their targets.
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: folder + "/ledger.sqlite", configuration: configuration)
        defer { try? queue.close() }
        let old = SystemTime().now().adding(milliseconds: -100 * 86_400_000).iso8601
        try queue.write { database in
            try database.execute(
                sql: """
                    INSERT INTO distribution_payloads (digest, contentType, bytes, uses) VALUES (?, 'text/plain', x'', ?);
                    INSERT INTO distribution_plans (domainId, idempotencyKey, requestDigest, contentItemId,
                        contentVersion, status, queuedCount, runningCount, retryingCount, succeededCount, failedCount,
                        blockedCount, cancelledCount, hasBegun, sequence, firstJobId, lastJobId, createdBy, createdAt,
                        completedAt)
                    VALUES (1, 'old', zeroblob(32), 1, 1, 'failed', 0, 0, 0, 0, ?, 0, 0, 1, 1, 1, ?, 'null', ?, ?);
                    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
                    INSERT INTO distribution_jobs (planId, domainId, targetId, channelType, deliveryId, payloadDigest,
                        payloadId, epoch, publishedEpoch, attempt, scheduleStep, maxAttempts, status, errorCode,
                        lastError, createdAt, updatedAt, endedAt, diedAt, deadLetter)
                    SELECT 1, 1, i + 1000, 'webhook', printf('msg_018f0000-0000-7000-8000-%012x', i), ?, 1, 1, 1, 1, 1, 1, 'failed', 'TIMEOUT', 'Late.',
                        ?, ?, ?, ?, 'published' FROM n;
                    INSERT INTO distribution_attempts (jobId, number, incarnation, startedAt, finishedAt, certainty)
                    SELECT id, 1, 1, createdAt, createdAt, 'rejected' FROM distribution_jobs;
                    INSERT INTO distribution_targets (id, domainId, name, channelType, configJson, deliveryJson, active,
                        queueType, revision, createdAt, updatedAt, deletedAt)
                    SELECT targetId, 1, 'gone', 'webhook', '{}', '{}', 0, 'quorum', 1, ?, ?, ? FROM distribution_jobs;
                    """,
                arguments: [
                    Data(count: 32), targets, targets, targets, old, old, targets, Data(count: 32), old, old, old, old,
                    old, old, old,
                ])
        }
    }

    /// Nothing tells of it, so the ledger is looked at, for as long as the service answers.
    private static func untilRemoved(_ service: StandingService, _ folder: String) async throws {
        let ledger = try LedgerFile(folder: folder)
        while try ledger.number("SELECT count(*) FROM distribution_jobs WHERE planId = 1") != 0 {
            try Task.checkCancellation()
            let shown = try await service.call("GET", "/jobs?planId=1")
            let plan = try await service.call("GET", "/plans/1")
            // Either all of it is there, or nothing.
            #expect(shown.list.isEmpty || shown.list.count == 50)
            if plan.status == 404 { #expect(try await service.call("GET", "/jobs?planId=1").list.isEmpty) }
        }
    }

    private static func check(_ folder: String, after: Int) throws {
        let ledger = try LedgerFile(folder: folder)
        #expect(after == 1)
        for (table, left) in [
            ("distribution_plans", 1), ("distribution_jobs", 1), ("distribution_payloads", 1), ("plan_removals", 0),
            ("event_outbox", 0),
        ] {
            #expect(try ledger.number("SELECT count(*) FROM \(table)") == left, "\(table)")
        }
        #expect(try ledger.number("SELECT count(*) FROM distribution_attempts WHERE jobId <= \(targets)") == 0)
    }
}
