import Distribution

extension WriteContext {
    /// Takes dead letters out of every list: their jobs stay `failed` with their history, and bytes that no other job
    /// names go.
    func purge(_ rows: [JobRow], at now: Timestamp) throws {
        for row in rows {
            try releasePayloads(of: row.job.id...row.job.id)
            var update = try query(
                """
                UPDATE distribution_jobs SET payloadId = NULL, deadLetter = 'purged', updatedAt = ?
                WHERE id = ? AND status = 'failed' AND deadLetter <> 'purged'
                """)
            update.bind(now)
            update.bind(row.job.id)
            try runOnce(update)
        }
    }

    /// Counts the bytes of these jobs as no longer named by them, and deletes what nobody names; that the jobs' rows say
    /// so is the caller's.
    func releasePayloads(of jobs: ClosedRange<JobID>) throws {
        var select = try query(
            """
            SELECT payloadId, count(*) FROM distribution_jobs
            WHERE id BETWEEN ? AND ? AND payloadId IS NOT NULL GROUP BY payloadId
            """)
        select.bind(jobs.lowerBound)
        select.bind(jobs.upperBound)
        let uses: [(id: Int64, count: Int64)] = try select.all { ($0.integer(0), $0.integer(1)) }
        for (id, count) in uses {
            var delete = try query("DELETE FROM distribution_payloads WHERE id = ? AND uses <= ?")
            delete.bind(id)
            delete.bind(count)
            try delete.run()
            guard changedRows == 0 else { continue }
            var update = try query("UPDATE distribution_payloads SET uses = uses - ? WHERE id = ?")
            update.bind(count)
            update.bind(id)
            try update.run()
        }
    }
}
