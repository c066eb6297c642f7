import Distribution
import DistributionTesting
import GRDB
import Testing

@testable import LedgerSQLite

/// Thousands of random calls, after which every count, status and sequence must be what the rows say.
@Suite(.timeLimit(.minutes(2))) struct RandomWalkTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `counts, statuses and sequences are conserved`(seed: UInt64) async throws {
        let file = try LedgerFile()
        var walk = Walk(seed: seed)
        for _ in 0..<4 {
            try await file.withLedger { ledger in
                _ = try await ledger.closeAbandonedAttempts(at: walk.now)
                walk.grants = []
                let scenario = try await LedgerScenario(ledger, targets: 3)
                for _ in 0..<400 { try await walk.step(scenario) }
                try await Self.verify(ledger)
            }
        }
        #expect(walk.jobs.count > 100)
    }

    private static func verify(_ ledger: SQLiteLedger) async throws {
        let damages = try await ledger.read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT 'counts of plan ' || p.id FROM distribution_plans p JOIN (
                        SELECT planId, sum(status = 'queued') q, sum(status = 'running') r,
                               sum(status = 'retrying') t, sum(status = 'succeeded') s, sum(status = 'failed') f,
                               sum(status = 'blocked') b, sum(status = 'cancelled') c, min(id) lo, max(id) hi
                        FROM distribution_jobs GROUP BY planId) j ON j.planId = p.id
                    WHERE (p.queuedCount, p.runningCount, p.retryingCount, p.succeededCount, p.failedCount,
                           p.blockedCount, p.cancelledCount, p.firstJobId, p.lastJobId)
                       <> (q, r, t, s, f, b, c, lo, hi)
                    UNION ALL SELECT 'open attempt of job ' || j.id FROM distribution_jobs j
                    WHERE (j.openAttemptId IS NULL) <> (
                        SELECT count(*) = 0 FROM distribution_attempts a WHERE a.jobId = j.id AND a.finishedAt IS NULL)
                    UNION ALL SELECT 'running job ' || id FROM distribution_jobs
                    WHERE status = 'running' AND openAttemptId IS NULL
                    UNION ALL SELECT 'attempts of job ' || j.id FROM distribution_jobs j
                    WHERE j.attempt <> (SELECT count(*) FROM distribution_attempts a WHERE a.jobId = j.id)
                    UNION ALL SELECT 'end of job ' || id FROM distribution_jobs
                    WHERE (endedAt IS NULL) <> (status IN ('queued', 'running', 'retrying') OR openAttemptId IS NOT NULL)
                    UNION ALL SELECT 'receipt of job ' || id FROM distribution_jobs
                    WHERE (status = 'succeeded') <> (receiptId IS NOT NULL)
                    UNION ALL SELECT 'dead letter of job ' || id FROM distribution_jobs
                    WHERE (status = 'failed') <> (diedAt IS NOT NULL)
                    UNION ALL SELECT 'receipts' WHERE (SELECT count(*) FROM distribution_receipts)
                        <> (SELECT count(*) FROM distribution_jobs WHERE status = 'succeeded')
                    """)
        }
        #expect(damages == [])
        #expect(try await LedgerAudit.whole(of: ledger, pageOf: 50).findings.all == [])
        for plan in try await ledger.plans(domainID: LedgerScenario.domain, Page(limit: 500), status: nil) {
            let begun = try await ledger.read { database in
                try Bool.fetchOne(
                    database, sql: "SELECT hasBegun FROM distribution_plans WHERE id = ?", arguments: [plan.id.rawValue]
                )
            }
            let derived = plan.counts.planStatus(hasBegun: begun ?? false)
            #expect(plan.status == .cancelled ? plan.counts.open == 0 : plan.status == derived)
            #expect((plan.completedAt != nil) == plan.status.isFinal)
        }
        var sequences: [String: [Int64]] = [:]
        for event in try await LedgerScenario(ledger, targets: 0).events() {
            guard let sequence = event.sequence, let subject = event.subject else { continue }
            sequences[subject.split(separator: "/")[1].description, default: []].append(sequence)
        }
        #expect(!sequences.isEmpty)
        for (_, sequence) in sequences { #expect(sequence == Array(1...Int64(sequence.count))) }
    }
}

/// What happens, by chance.
private struct Walk {
    private let randomness: SeededRandomness
    private var plans = 0
    var now = Sample.now
    var jobs: [JobID] = []
    var grants: [AttemptGrant] = []

    init(seed: UInt64) {
        randomness = SeededRandomness(seed: seed)
    }

    private func pick(_ count: Int) -> Int { Int(randomness.next() % UInt64(count)) }

    mutating func step(_ scenario: LedgerScenario) async throws {
        now = now.adding(milliseconds: Int64(pick(2000)))
        switch pick(21) {
        case 0...2: try await accept(scenario)
        case 3...9: try await begin(scenario)
        case 10...16: try await record(scenario)
        case 17:
            let confirmed = try await scenario.ledger.owedJobs(after: nil, limit: 20)
                .map { PublishedEpoch(jobID: $0.claim.jobID, epoch: $0.claim.epoch) }
            try await scenario.ledger.confirm(jobs: confirmed)
        case 18:
            guard !jobs.isEmpty else { return }
            _ = try await scenario.ledger.reissue(jobID: jobs[pick(jobs.count)], epoch: Int64(1 + pick(3)))
        case 19: try await change(scenario)
        default:
            guard pick(40) == 0 else { return }
            _ = try await scenario.ledger.deleteTarget(scenario.targets[pick(scenario.targets.count)].id)
        }
    }

    /// Calls off or tries again, whatever its state.
    private mutating func change(_ scenario: LedgerScenario) async throws {
        guard !jobs.isEmpty else { return }
        let (ledger, domain) = (scenario.ledger, LedgerScenario.domain)
        let id = jobs[max(0, jobs.count - 1 - pick(30))]
        switch pick(8) {
        case 0:
            let planID = try await scenario.job(id).summary.job.planID
            _ = try await ledger.cancelPlan(scenario.cancellation(planID), at: now)
        case 1:
            let key = "key-\(plans + pick(3))"
            let cancellation = PlanCancellation(domainID: domain, subject: .idempotencyKey(key))
            _ = try await ledger.cancelPlan(cancellation, at: now)
        case 2: _ = try await ledger.cancelJob(id, domainID: domain, at: now)
        case 3, 4:
            let planID = try await scenario.job(id).summary.job.planID
            _ = try await ledger.retryPlan(planID, domainID: domain, at: now)
        case 5, 6: _ = try await ledger.retryJob(id, domainID: domain, epoch: nil, at: now)
        default:
            _ = try await ledger.replayDeadLetters(
                domainID: domain, DeadLetterSelection(), after: nil, limit: 1 + pick(5), at: now,
                isRehearsal: pick(2) == 0)
        }
    }

    private mutating func accept(_ scenario: LedgerScenario) async throws {
        plans += 1
        let prepared = scenario.prepared(
            key: "key-\(plans)", scheduledAt: pick(4) == 0 ? now.adding(milliseconds: 1000) : nil,
            expiresAt: pick(5) == 0 ? now.adding(milliseconds: 60_000) : nil, maxAttempts: 1 + pick(3),
            blocked: pick(4) == 0 ? [0] : [], body: "\(pick(5))", at: now)
        if case .created(_, let created, _) = try await scenario.ledger.accept(prepared) { jobs += created }
    }

    private mutating func begin(_ scenario: LedgerScenario) async throws {
        guard !jobs.isEmpty else { return }
        let id = jobs[max(0, jobs.count - 1 - pick(30))]
        let decision = try await scenario.ledger.begin(scenario.request(id, at: now))
        if case .start(let grant) = decision { grants.append(grant) }
    }

    private mutating func record(_ scenario: LedgerScenario) async throws {
        guard !grants.isEmpty else { return }
        let grant = grants.remove(at: pick(grants.count))
        let resolution: AttemptReport.Resolution =
            switch pick(6) {
            case 0, 1: .succeeded(externalID: nil, externalURL: nil)
            case 2, 3:
                grant.scheduleStep + 1 < grant.maxAttempts
                    ? .retry(at: now.adding(milliseconds: 500), LedgerScenario.error) : .failed(LedgerScenario.error)
            case 4: .failed(LedgerScenario.error)
            default: .givenBack
            }
        try await scenario.record(grant, resolution, at: now)
        if pick(10) == 0 { try await scenario.record(grant, .failed(LedgerScenario.error), at: now) }
    }
}
