import Distribution
import GRDB

/// What a ledger says of its plans, read as any SQLite tool would.
struct LedgerRecord {
    struct Plan {
        let id: Int64
        let key: String
        let status: String
        let sequence: Int
        let scheduledAt: Timestamp?
        /// Jobs by status; none that is 0.
        let counts: [String: Int]

        var isFinal: Bool { status != "queued" && status != "running" }
    }

    struct Job {
        let id: Int64
        let planID: Int64
        let targetID: Int64
        let deliveryID: String
        let status: String
        let epoch: Int64
        let attempt: Int
        let isOpen: Bool
        let hasEnded: Bool
        let receiptID: Int64?
        let deadLetter: String?
    }

    struct Attempt {
        let number: Int
        let certainty: String?
        let isFinished: Bool
        let startedAt: Timestamp?
    }

    let plans: [Plan]
    let jobs: [Job]
    /// By job, in order.
    let attempts: [Int64: [Attempt]]
    /// By job.
    let receipts: [Int64: [Int64]]

    /// - Parameter after: Plans up to this id are left out, with all that is theirs.
    init(_ ledger: LedgerFile, after: Int64) throws {
        let statuses = ["queued", "running", "retrying", "succeeded", "failed", "blocked", "cancelled"]
        let counts = statuses.map { "\($0)Count" }.joined(separator: ", ")
        plans = try ledger.rows(
            "SELECT id, idempotencyKey, status, sequence, scheduledAt, \(counts) FROM distribution_plans WHERE id > ?",
            after
        ) { row in
            var counts: [String: Int] = [:]
            for (place, status) in statuses.enumerated() {
                let count: Int = row[5 + place]
                if count != 0 { counts[status] = count }
            }
            return Plan(
                id: row[0], key: row[1], status: row[2], sequence: row[3], scheduledAt: Self.time(row[4]),
                counts: counts)
        }
        jobs = try ledger.rows(
            """
            SELECT id, planId, targetId, deliveryId, status, epoch, attempt, openAttemptId IS NOT NULL,
                endedAt IS NOT NULL, receiptId, deadLetter
            FROM distribution_jobs WHERE planId > ? ORDER BY id
            """, after
        ) { row in
            Job(
                id: row[0], planID: row[1], targetID: row[2], deliveryID: row[3], status: row[4], epoch: row[5],
                attempt: row[6], isOpen: row[7], hasEnded: row[8], receiptID: row[9], deadLetter: row[10])
        }
        let attempts: [(Int64, Attempt)] = try ledger.rows(
            """
            SELECT a.jobId, a.number, a.certainty, a.finishedAt IS NOT NULL, a.startedAt FROM distribution_attempts AS a
            JOIN distribution_jobs AS j ON j.id = a.jobId WHERE j.planId > ? ORDER BY a.jobId, a.number, a.id
            """, after
        ) { row in
            let attempt = Attempt(
                number: row[1], certainty: row[2], isFinished: row[3], startedAt: Self.time(row[4]))
            return (row[0], attempt)
        }
        self.attempts = Dictionary(grouping: attempts, by: \.0).mapValues { $0.map(\.1) }
        let receipts: [(Int64, Int64)] = try ledger.rows(
            """
            SELECT r.jobId, r.id FROM distribution_receipts AS r
            JOIN distribution_jobs AS j ON j.id = r.jobId WHERE j.planId > ?
            """, after
        ) { ($0[0], $0[1]) }
        self.receipts = Dictionary(grouping: receipts, by: \.0).mapValues { $0.map(\.1) }
    }

    private static func time(_ text: String?) -> Timestamp? { text.flatMap { Timestamp(iso8601: $0) } }
}
