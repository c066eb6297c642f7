import Distribution
import DistributionTesting
import GRDB
import Testing

@testable import LedgerSQLite

@Suite(.timeLimit(.minutes(1))) struct ScheduleMigrationTests {
    /// Takes the file back to what an earlier version made of it.
    private func takeBack(_ file: LedgerFile) throws {
        let queue = try DatabaseQueue(path: file.path)
        try queue.write { database in
            try database.execute(
                sql: """
                    DROP INDEX jobs_owed; DROP INDEX jobs_scheduled; DROP INDEX plans_half_cancelled;
                    DROP TABLE plan_retries;
                    CREATE INDEX jobs_owed ON distribution_jobs (id) WHERE publishedEpoch < epoch;
                    DELETE FROM grdb_migrations WHERE identifier LIKE '6:%';
                    """)
        }
        try queue.close()
    }

    @Test func `jobs that an earlier version has put into the ladder go on, and the others wait here`() async throws {
        let file = try LedgerFile()
        let due = Sample.now.adding(milliseconds: 60_000)
        let jobs = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let (_, jobs) = try await scenario.accept(scenario.prepared(scheduledAt: due))
            try await ledger.confirm(jobs: [PublishedEpoch(jobID: jobs[0], epoch: 1)])
            return jobs
        }
        try takeBack(file)
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            #expect(try await ledger.dueJobs(after: .start, by: due, limit: 9).map(\.claim.jobID) == [jobs[1]])
            #expect(try await ledger.owedJobs(after: nil, limit: 9).isEmpty)
            #expect(try await ledger.begin(scenario.request(jobs[0])) == .early(dueAt: due, attempt: 1))
            _ = try await scenario.begin(jobs[0], at: due)
            _ = try await scenario.begin(jobs[1], at: due)
        }
    }
}
