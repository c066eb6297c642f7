package import Distribution
import GRDB

extension SQLiteLedger {
    package func owedJobs(after: JobID?, limit: Int) async throws(LedgerError) -> [OwedJob] {
        try await read { database in
            var select = try database.query(
                """
                SELECT \(OwedJob.columns) FROM distribution_jobs AS j INDEXED BY jobs_owed
                JOIN distribution_targets AS t ON t.id = j.targetId AND t.active = 1 AND t.deletedAt IS NULL
                JOIN distribution_plans AS p ON p.id = j.planId
                JOIN distribution_payloads AS b ON b.id = j.payloadId
                WHERE j.publishedEpoch < j.epoch AND (j.status <> 'queued' OR j.nextAttemptAt IS NULL) AND j.id > ?
                    AND j.status IN ('queued', 'retrying')
                ORDER BY j.id LIMIT ?
                """)
            select.bind(after?.rawValue ?? 0)
            select.bind(limit)
            return try select.all(OwedJob.init(columns:))
        }
    }

    package func confirm(jobs: [PublishedEpoch]) async throws(LedgerError) {
        guard !jobs.isEmpty else { return }
        try await writer.perform(.relaxed) { try $0.confirm(jobs) }
    }

    package func owedDeadLetters(after: JobID?, limit: Int) async throws(LedgerError) -> [DeadLetter] {
        try await read { database in
            var select = try database.query(
                """
                SELECT \(DeadLetter.columns) FROM distribution_jobs AS j INDEXED BY jobs_dead_owed
                JOIN distribution_plans AS p ON p.id = j.planId
                JOIN distribution_payloads AS b ON b.id = j.payloadId
                WHERE j.deadLetter = 'owed' AND j.id > ? ORDER BY j.id LIMIT ?
                """)
            select.bind(after?.rawValue ?? 0)
            select.bind(limit)
            return try select.all(DeadLetter.init(columns:))
        }
    }

    package func confirm(deadLetters: [PublishedEpoch]) async throws(LedgerError) {
        guard !deadLetters.isEmpty else { return }
        try await writer.perform(.relaxed) { try $0.confirm(deadLetters: deadLetters) }
    }

    /// They are looked for beside the writer, and owed in steps.
    package func reissueDeadLetters(of channel: ChannelType) async throws(LedgerError) -> Int {
        let ids: [JobID] = try await read { database in
            var select = try database.query(
                """
                SELECT id FROM distribution_jobs INDEXED BY letters_by_time
                WHERE deadLetter <> 'purged' AND deadLetter = 'published' AND channelType = ? ORDER BY diedAt, id
                """)
            select.bind(channel.rawValue)
            return try select.all { $0.id(0) }
        }
        var (rest, count) = (ids[...], 0)
        while !rest.isEmpty {
            let part = rest.prefix(Self.deadLetterStep)
            count += try await writer.performStep(.relaxed) { context, _ in
                try context.reissue(deadLetters: part)
            }.value
            rest = rest.dropFirst(part.count)
        }
        return count
    }

    package func owedEvents(after: Int64, limit: Int) async throws(LedgerError) -> [OwedEvent] {
        try await read { database in
            var select = try database.query(
                """
                SELECT id, eventId, routingKey, correlationId, body FROM event_outbox WHERE id > ? ORDER BY id LIMIT ?
                """)
            select.bind(after)
            select.bind(limit)
            return try select.all { row in
                OwedEvent(
                    place: row.integer(0),
                    event: OutgoingEvent(
                        id: row.text(1), routingKey: row.text(2), correlationID: row.textOrNil(3), body: row.bytes(4)))
            }
        }
    }

    package func confirmEvents(through place: Int64) async throws(LedgerError) {
        try await writer.perform(.relaxed) { try $0.confirmEvents(through: place) }
    }

    package func reissue(jobID: JobID, epoch: Int64) async throws(LedgerError) -> OwedJob? {
        let now = services.time.now()
        return try await writer.perform { context in
            guard try context.reissue(jobID, epoch: epoch, at: now) else { return nil }
            var select = try context.database.query(
                """
                SELECT \(OwedJob.columns) FROM distribution_jobs AS j
                JOIN distribution_plans AS p ON p.id = j.planId
                JOIN distribution_payloads AS b ON b.id = j.payloadId WHERE j.id = ?
                """)
            select.bind(jobID)
            return try select.first(OwedJob.init(columns:))
        }
    }

    package func reissueOpenJobs(
        of targetID: TargetID, after: JobID?, limit: Int
    ) async throws(LedgerError) -> JobID? {
        let now = services.time.now()
        return try await writer.perform { context in
            try context.reissueOpenJobs(of: targetID, after: after ?? JobID(0), limit: limit, at: now)
        }
    }
}
