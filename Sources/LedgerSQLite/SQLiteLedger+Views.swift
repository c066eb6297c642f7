package import Distribution
import GRDB

extension SQLiteLedger {
    package func planSnapshot(_ id: PlanID, domainID: DomainID) async throws(LedgerError) -> PlanSnapshot? {
        try await read { database in
            var selectPlan = try database.query(
                "SELECT \(Plan.columns) FROM distribution_plans AS p WHERE p.id = ? AND p.domainId = ?")
            selectPlan.bind(id)
            selectPlan.bind(domainID)
            guard let plan = try selectPlan.first(Plan.init(columns:)) else { return nil }
            var selectJobs = try database.query(
                """
                SELECT \(JobSummary.columns) FROM distribution_plans AS p
                CROSS JOIN distribution_jobs AS j \(JobSummary.joins)
                WHERE p.id = ? AND j.id BETWEEN p.firstJobId AND p.lastJobId
                ORDER BY CASE j.status WHEN 'failed' THEN 0 WHEN 'queued' THEN 1 WHEN 'running' THEN 1
                         WHEN 'retrying' THEN 1 ELSE 2 END, j.id
                LIMIT ?
                """)
            selectJobs.bind(id)
            selectJobs.bind(Self.snapshotLimit)
            let jobs = try selectJobs.all(JobSummary.init(columns:))
            return PlanSnapshot(plan: plan, jobs: jobs, isTruncated: plan.counts.total > jobs.count)
        }
    }

    package func plans(
        domainID: DomainID, _ page: Page, status: PlanStatus?
    ) async throws(LedgerError) -> [Plan] {
        try await read { database in
            var select = try database.query(
                """
                SELECT \(Plan.columns) FROM distribution_plans AS p
                WHERE p.domainId = ?1 AND p.id > ?2 AND (?3 IS NULL OR p.status = ?3) ORDER BY p.id LIMIT ?4
                """)
            select.bind(domainID)
            select.bind(page.after)
            select.bind(status?.rawValue)
            select.bind(page.limit)
            return try select.all(Plan.init(columns:))
        }
    }

    package func wasRemoved(_ claim: JobClaim) async throws(LedgerError) -> Bool {
        try await read { database in
            var select = try database.query(
                """
                SELECT 1 WHERE ?1 <= (SELECT seq FROM sqlite_sequence WHERE name = 'distribution_jobs')
                    AND ?2 <= (SELECT seq FROM sqlite_sequence WHERE name = 'distribution_plans')
                    AND NOT EXISTS (SELECT 1 FROM distribution_plans WHERE id = ?2)
                """)
            select.bind(claim.jobID)
            select.bind(claim.planID)
            return try select.first { _ in true } ?? false
        }
    }

    package func jobSnapshot(_ id: JobID, domainID: DomainID) async throws(LedgerError) -> JobSnapshot? {
        try await read { database in
            var selectJob = try database.query(
                """
                SELECT \(JobSummary.columns) FROM distribution_jobs AS j \(JobSummary.joins)
                WHERE j.id = ? AND j.domainId = ? AND \(JobSummary.hasPlan)
                """)
            selectJob.bind(id)
            selectJob.bind(domainID)
            guard let summary = try selectJob.first(JobSummary.init(columns:)) else { return nil }
            var selectAttempts = try database.query(
                "SELECT \(Attempt.columns) FROM distribution_attempts WHERE jobId = ? ORDER BY number")
            selectAttempts.bind(id)
            return JobSnapshot(summary: summary, attempts: try selectAttempts.all(Attempt.init(columns:)))
        }
    }

    package func receipts(domainID: DomainID, _ page: Page) async throws(LedgerError) -> [Receipt] {
        try await read { database in
            var select = try database.query(
                """
                SELECT \(Receipt.columns) FROM distribution_receipts AS r
                WHERE r.domainId = ? AND r.id > ?
                    AND EXISTS (SELECT 1 FROM distribution_jobs AS j WHERE j.id = r.jobId AND \(JobSummary.hasPlan))
                ORDER BY r.id LIMIT ?
                """)
            select.bind(domainID)
            select.bind(page.after)
            select.bind(page.limit)
            return try select.all { try Receipt(columns: $0) }
        }
    }

    package func targets(domainID: DomainID, _ page: Page) async throws(LedgerError) -> [Target] {
        let sealer = services.sealer
        return try await read { database in
            var select = try database.query(
                """
                SELECT \(TargetRow.columns) FROM distribution_targets
                WHERE domainId = ? AND deletedAt IS NULL AND id > ? ORDER BY id LIMIT ?
                """)
            select.bind(domainID)
            select.bind(page.after)
            select.bind(page.limit)
            return try select.all { try TargetRow(columns: $0).opened(with: sealer) }
        }
    }

    private static let snapshotLimit = 100
}
