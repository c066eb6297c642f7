import Distribution
import DistributionTesting
import GRDB
import LedgerSQLite
import Sealing
import Testing

/// What somebody does to the ledger with a SQLite tool, and what the audit says to it.
@Suite(.timeLimit(.minutes(1))) struct TamperedLedgerTests {
    struct Tampering: Sendable, CustomStringConvertible {
        let problem: ConservationProblem
        let sql: String

        init(_ problem: ConservationProblem, _ sql: String) {
            self.problem = problem
            self.sql = sql
        }

        var description: String { "\(problem.rawValue): \(sql)" }
    }

    /// Job 1 succeeded, 2 failed, 3 is queued, 4 runs, 5 waits for its second attempt, 6 is cancelled.
    private static func scenario(on ledger: SQLiteLedger) async throws {
        let scenario = try await LedgerScenario(ledger, targets: 3)
        let first = try await scenario.accept(withTrueDigests(scenario.prepared(key: "key-1"))).jobs
        let second = try await scenario.accept(withTrueDigests(scenario.prepared(key: "key-2", body: "[]"))).jobs
        try await ledger.confirm(jobs: (first + second).map { PublishedEpoch(jobID: $0, epoch: 1) })
        try await scenario.record(scenario.begin(first[0]), .succeeded(externalID: nil, externalURL: nil))
        try await scenario.record(scenario.begin(first[1]), .failed(LedgerScenario.error))
        _ = try await scenario.begin(second[0])
        try await scenario.record(scenario.begin(second[1]), .retry(at: Sample.now, LedgerScenario.error))
        _ = try await ledger.cancelJob(second[2], domainID: LedgerScenario.domain, at: Sample.now)
    }

    private static func withTrueDigests(_ plan: PreparedPlan) -> PreparedPlan {
        PreparedPlan(
            request: plan.request, requestDigest: plan.requestDigest, acceptedAt: plan.acceptedAt, userID: nil,
            payloads: plan.payloads.map {
                Payload(digest: SHA256.digest($0.bytes), contentType: $0.contentType, bytes: $0.bytes)
            }, jobs: plan.jobs)
    }

    private static func audit(_ ledger: any ConservationLedger) async throws -> ConservationFindings {
        try await LedgerAudit.whole(of: ledger, hashesPayloads: true).findings
    }

    @Test func `a healthy ledger passes, to its owner and to whoever looks beside it`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            try await Self.scenario(on: ledger)
            #expect(try await Self.audit(ledger).all == [])
            let inspection = try LedgerInspection(path: file.path)
            #expect(try await Self.audit(inspection).all == [])
            #expect(try await ledger.fileDamages() == [])
            #expect(try await inspection.fileDamages() == [])
            #expect(try await inspection.pulse() == ledger.pulse())
            #expect(try await inspection.auditTargets() == ledger.auditTargets())
        }
        #expect(try await Self.audit(try LedgerInspection(path: file.path)).all == [])
    }

    @Test(arguments: rows + relations) func `is found out`(tampering: Tampering) async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            try await Self.scenario(on: ledger)
            let intruder = try DatabaseQueue(path: file.path)
            let changes = try await intruder.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA foreign_keys = OFF")
                try database.execute(sql: tampering.sql)
                return database.totalChangesCount
            }
            try intruder.close()
            #expect(changes > 0)
            let findings = try await Self.audit(ledger)
            let found = try #require(findings[tampering.problem], "\(findings.all)")
            #expect(found.count > 0)
            #expect(found.subjects.first?.isEmpty == false)
            #expect(findings.warnings.isEmpty)
        }
    }

    static let rows: [Tampering] = [
        Tampering(.planJobsWrong, "DELETE FROM distribution_jobs WHERE id = 3"),
        Tampering(.planJobsWrong, "UPDATE distribution_jobs SET targetId = 1 WHERE id = 2"),
        Tampering(.planJobsWrong, "UPDATE distribution_plans SET lastJobId = lastJobId + 1 WHERE id = 2"),
        Tampering(.planCountsWrong, "UPDATE distribution_plans SET queuedCount = 5 WHERE id = 1"),
        Tampering(.planCountsWrong, "UPDATE distribution_jobs SET status = 'queued' WHERE id = 5"),
        Tampering(.planStatusWrong, "UPDATE distribution_plans SET status = 'succeeded' WHERE id = 1"),
        Tampering(.planStatusWrong, "UPDATE distribution_plans SET status = 'lost' WHERE id = 1"),
        Tampering(.planStatusWrong, "UPDATE distribution_plans SET completedAt = createdAt WHERE id = 2"),
        Tampering(.jobStateInvalid, "UPDATE distribution_jobs SET status = 'lost' WHERE id = 3"),
        Tampering(.jobStateInvalid, "UPDATE distribution_jobs SET endedAt = NULL WHERE id = 1"),
        Tampering(.jobStateInvalid, "UPDATE distribution_jobs SET endedAt = createdAt WHERE id = 3"),
        Tampering(.epochInvalid, "UPDATE distribution_jobs SET publishedEpoch = 9 WHERE id = 3"),
        Tampering(.epochInvalid, "UPDATE distribution_jobs SET epoch = 0 WHERE id = 3"),
        Tampering(.openAttemptWrong, "UPDATE distribution_jobs SET openAttemptId = NULL WHERE id = 4"),
        Tampering(.openAttemptWrong, "UPDATE distribution_jobs SET openAttemptId = 1 WHERE id = 4"),
        Tampering(.openAttemptWrong, "DELETE FROM distribution_attempts WHERE finishedAt IS NULL"),
        Tampering(.openAttemptWrong, "UPDATE distribution_attempts SET incarnation = 0 WHERE finishedAt IS NULL"),
        Tampering(.openAttemptWrong, "UPDATE distribution_attempts SET finishedAt = NULL WHERE jobId = 1"),
        Tampering(.attemptsNotGapless, "UPDATE distribution_attempts SET number = 7 WHERE jobId = 5"),
        Tampering(.attemptsNotGapless, "DELETE FROM distribution_attempts WHERE jobId = 5"),
        Tampering(.attemptsNotGapless, "UPDATE distribution_jobs SET attempt = 3 WHERE id = 5"),
        Tampering(.deadLetterWrong, "UPDATE distribution_jobs SET deadLetter = NULL WHERE id = 2"),
        Tampering(.deadLetterWrong, "UPDATE distribution_jobs SET diedAt = NULL WHERE id = 2"),
        Tampering(.deadLetterWrong, "UPDATE distribution_jobs SET diedAt = createdAt WHERE id = 3"),
        Tampering(.deadLetterWrong, "UPDATE distribution_jobs SET deadLetter = 'purged' WHERE id = 2"),
    ]

    static let relations: [Tampering] = [
        Tampering(.jobWithoutPlan, "UPDATE distribution_jobs SET planId = 2 WHERE id = 3"),
        Tampering(.jobWithoutPlan, "UPDATE distribution_jobs SET planId = 99 WHERE id = 3"),
        Tampering(.jobWithoutPlan, "UPDATE distribution_jobs SET id = 77 WHERE id = 3"),
        Tampering(.jobWithoutPlan, "DELETE FROM distribution_plans WHERE id = 2"),
        Tampering(.jobWithoutTarget, "UPDATE distribution_jobs SET targetId = 99 WHERE id = 3"),
        Tampering(.jobWithoutTarget, "DELETE FROM distribution_targets WHERE id = 3"),
        Tampering(.attemptWithoutJob, "UPDATE distribution_attempts SET jobId = 99 WHERE jobId = 5"),
        Tampering(.receiptMissing, "DELETE FROM distribution_receipts"),
        Tampering(.receiptMissing, "UPDATE distribution_jobs SET receiptId = NULL WHERE id = 1"),
        Tampering(.receiptMissing, "UPDATE distribution_receipts SET jobId = 2"),
        Tampering(.receiptMissing, "UPDATE distribution_attempts SET certainty = 'rejected' WHERE jobId = 1"),
        Tampering(.receiptStray, "UPDATE distribution_receipts SET jobId = 2"),
        Tampering(.receiptStray, "UPDATE distribution_jobs SET receiptId = 1 WHERE id = 2"),
        Tampering(
            .receiptStray,
            """
            INSERT INTO distribution_receipts (jobId, domainId, deliveredAt, responseMeta)
            SELECT jobId, domainId, deliveredAt, responseMeta FROM distribution_receipts
            """),
        Tampering(.payloadMissing, "DELETE FROM distribution_payloads"),
        Tampering(.payloadMissing, "UPDATE distribution_jobs SET payloadId = NULL WHERE id = 3"),
        Tampering(.payloadMissing, "UPDATE distribution_jobs SET payloadId = NULL WHERE id = 2"),
        Tampering(.payloadMissing, "UPDATE distribution_jobs SET payloadDigest = zeroblob(32) WHERE id = 3"),
        Tampering(.payloadDamaged, "UPDATE distribution_payloads SET bytes = x'00' WHERE id = 1"),
        Tampering(.eventSequenceBroken, "DELETE FROM event_outbox WHERE id = (SELECT max(id) FROM event_outbox)"),
        Tampering(
            .eventSequenceBroken,
            """
            DELETE FROM event_outbox WHERE id = (SELECT id FROM event_outbox WHERE body LIKE '%plans/1"%'
                OR body LIKE '%plans/1/jobs%' ORDER BY id LIMIT 1 OFFSET 1)
            """),
        Tampering(.eventSequenceBroken, "UPDATE distribution_plans SET sequence = sequence + 1 WHERE id = 1"),
        Tampering(.eventSequenceBroken, "UPDATE distribution_plans SET sequence = 1 WHERE id = 1"),
        Tampering(
            .eventSequenceBroken, "UPDATE event_outbox SET body = 'x' WHERE id = (SELECT max(id) FROM event_outbox)"),
        Tampering(.eventSequenceBroken, "DELETE FROM distribution_plans WHERE id = 2"),
    ]

    @Test func `an index that has lost touch with its table is damage to the file`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { try await Self.scenario(on: $0) }
        let name = "jobs_open_by_target"
        func execute(_ sql: String) throws {
            let queue = try DatabaseQueue(path: file.path)
            try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
            try queue.close()
        }
        let row = try DatabaseQueue(path: file.path).read { database in
            try Row.fetchOne(
                database, sql: "SELECT rootpage, sql FROM sqlite_schema WHERE name = ?", arguments: [name])
        }
        let (root, sql): (Int, String) = (try #require(row)["rootpage"], try #require(row)["sql"])
        try execute("PRAGMA writable_schema = ON; DELETE FROM sqlite_schema WHERE name = '\(name)'")
        try execute("UPDATE distribution_jobs SET targetId = 2 WHERE id = 3")
        try execute(
            """
            PRAGMA writable_schema = ON;
            INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql)
            VALUES ('index', '\(name)', 'distribution_jobs', \(root), '\(sql)')
            """)
        #expect(try await LedgerInspection(path: file.path).fileDamages() != [])
    }

    @Test func `a file of another version, or no ledger at all, is not judged`() async throws {
        let file = try LedgerFile()
        #expect(throws: LedgerError.self) { try LedgerInspection(path: file.path) }
        try await file.withLedger { _ in }
        let queue = try DatabaseQueue(path: file.path)
        try await queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99: of tomorrow')") }
        try queue.close()
        let error = #expect(throws: LedgerError.self) { try LedgerInspection(path: file.path) }
        #expect(error?.kind == .invalid)
        #expect(error?.message.contains("another version") == true)
    }

    @Test func `an inspection never writes`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            try await Self.scenario(on: ledger)
            let before = try await ledger.pulse()
            let inspection = try LedgerInspection(path: file.path)
            _ = try await Self.audit(inspection)
            _ = try await inspection.fileDamages()
            #expect(try await ledger.pulse() == before)
            // The writer goes on beside it.
            let scenario = try await LedgerScenario(ledger, targets: 1)
            _ = try await scenario.accept(scenario.prepared(key: "key-3"))
            #expect(try await Self.audit(inspection)[.planJobsWrong] == nil)
            #expect(try await LedgerAudit.whole(of: inspection).plans == 3)
        }
    }
}
