import Distribution

extension WriteContext {
    /// Notes confirmed epochs: neighbours in id with one epoch share a statement.
    func confirm(_ published: [PublishedEpoch]) throws {
        let ordered = published.sorted { ($0.epoch, $0.jobID) < ($1.epoch, $1.jobID) }
        var index = ordered.startIndex
        while index < ordered.endIndex {
            let first = ordered[index]
            var last = first
            index += 1
            while index < ordered.endIndex, ordered[index].epoch == first.epoch,
                ordered[index].jobID.rawValue - last.jobID.rawValue <= 1
            {
                last = ordered[index]
                index += 1
            }
            try markPublished(first.jobID...last.jobID, epoch: first.epoch)
        }
    }

    func markPublished(_ ids: ClosedRange<JobID>, epoch: Int64) throws {
        var update = try query(
            """
            UPDATE distribution_jobs SET publishedEpoch = ?1
            WHERE id BETWEEN ?2 AND ?3 AND publishedEpoch < ?1 AND epoch >= ?1
            """)
        update.bind(epoch)
        update.bind(ids.lowerBound)
        update.bind(ids.upperBound)
        try update.run()
    }

    func confirm(deadLetters: [PublishedEpoch]) throws {
        for letter in deadLetters {
            var update = try query(
                """
                UPDATE distribution_jobs SET deadLetter = 'published'
                WHERE id = ? AND epoch = ? AND deadLetter = 'owed'
                """)
            update.bind(letter.jobID)
            update.bind(letter.epoch)
            try update.run()
        }
    }

    func confirmEvents(through place: Int64) throws {
        var delete = try query("DELETE FROM event_outbox WHERE id <= ?")
        delete.bind(place)
        try delete.run()
    }

    /// `queued|retrying`, `epoch` → the same, `epoch + 1`.
    ///
    /// - Returns: Whether the job was in that state and that epoch.
    func reissue(_ id: JobID, epoch: Int64, at now: Timestamp) throws -> Bool {
        var update = try query(
            """
            UPDATE distribution_jobs SET epoch = epoch + 1, updatedAt = ?
            WHERE id = ? AND epoch = ? AND status IN ('queued', 'retrying')
            """)
        update.bind(now)
        update.bind(id)
        update.bind(epoch)
        try update.run()
        return changedRows == 1
    }

    /// Owes `plan.rejected`, unless this very message was told of within a day.
    func reject(_ rejection: PlanRejection) throws {
        let dayAgo = rejection.rejectedAt.adding(milliseconds: -86_400_000)
        var purge = try query("DELETE FROM plan_rejections WHERE rejectedAt <= ?")
        purge.bind(dayAgo)
        try purge.run()
        var insert = try query("INSERT OR IGNORE INTO plan_rejections (fingerprint, rejectedAt) VALUES (?, ?)")
        insert.bind(rejection.messageFingerprint)
        insert.bind(rejection.rejectedAt)
        try insert.run()
        guard changedRows == 1 else { return }
        try owe(at: rejection.rejectedAt) { $0.planRejected($1, rejection) }
    }
}
