import Distribution

extension WriteContext {
    /// The letter of each that is `published` → `owed`.
    ///
    /// - Returns: How many were.
    func reissue(deadLetters ids: ArraySlice<JobID>) throws -> Int {
        var count = 0
        for id in ids {
            var update = try query(
                "UPDATE distribution_jobs SET deadLetter = 'owed' WHERE id = ? AND deadLetter = 'published'")
            update.bind(id)
            try update.run()
            count += changedRows
        }
        return count
    }

    /// `queued|retrying`, `epoch` confirmed → the same, `epoch + 1`, for the next `limit` jobs of a target.
    ///
    /// - Returns: The last of them; nil where there was none.
    func reissueOpenJobs(of targetID: TargetID, after: JobID, limit: Int, at now: Timestamp) throws -> JobID? {
        var select = try query(
            """
            SELECT max(id) FROM (
                SELECT id FROM distribution_jobs INDEXED BY jobs_open_by_target
                WHERE targetId = ? AND endedAt IS NULL AND id > ? AND publishedEpoch = epoch
                    AND status IN ('queued', 'retrying')
                ORDER BY id LIMIT ?)
            """)
        select.bind(targetID)
        select.bind(after)
        select.bind(limit)
        let last: JobID? = try select.first { row in row.isNull(0) ? nil : row.id(0) } ?? nil
        guard let last else { return nil }
        var update = try query(
            """
            UPDATE distribution_jobs INDEXED BY jobs_open_by_target SET epoch = epoch + 1, updatedAt = ?
            WHERE targetId = ? AND endedAt IS NULL AND id > ? AND id <= ? AND publishedEpoch = epoch
                AND status IN ('queued', 'retrying')
            """)
        update.bind(now)
        update.bind(targetID)
        update.bind(after)
        update.bind(last)
        try update.run()
        return last
    }

    /// As ``reissueOpenJobs(of:after:limit:at:)`` for jobs that have been due and untouched since before `moment`.
    func reissueOverdueJobs(
        of targetID: TargetID, dueBefore moment: Timestamp, after: JobID, limit: Int, at now: Timestamp
    ) throws -> ReissuedJobs {
        var select = try query(
            """
            SELECT max(id) FROM (
                SELECT id FROM distribution_jobs INDEXED BY jobs_open_by_target
                WHERE targetId = ? AND endedAt IS NULL AND id > ? AND epoch > 0 AND publishedEpoch = epoch
                    AND status IN ('queued', 'retrying')
                    AND coalesce(nextAttemptAt, createdAt) <= ? AND updatedAt <= ?
                ORDER BY id LIMIT ?)
            """)
        select.bind(targetID)
        select.bind(after)
        select.bind(moment)
        select.bind(moment)
        select.bind(limit)
        let last: JobID? = try select.first { $0.idOrNil(0) } ?? nil
        guard let last else { return ReissuedJobs(count: 0, last: nil) }
        var update = try query(
            """
            UPDATE distribution_jobs INDEXED BY jobs_open_by_target SET epoch = epoch + 1, updatedAt = ?
            WHERE targetId = ? AND endedAt IS NULL AND id > ? AND id <= ? AND epoch > 0 AND publishedEpoch = epoch
                AND status IN ('queued', 'retrying')
                AND coalesce(nextAttemptAt, createdAt) <= ? AND updatedAt <= ?
            """)
        update.bind(now)
        update.bind(targetID)
        update.bind(after)
        update.bind(last)
        update.bind(moment)
        update.bind(moment)
        try update.run()
        return ReissuedJobs(count: changedRows, last: last)
    }
}
