import Distribution

/// Rows that nothing reads before the transaction ends: they are inserted together then, many with one statement.
struct PendingRows {
    struct Attempt {
        let id: AttemptID
        let jobID: JobID
        let number: Int
        let startedAt: Timestamp
    }

    struct Receipt {
        let receipt: Distribution.Receipt
        let domainID: DomainID
        let meta: [UInt8]
    }

    var attempts: [Attempt] = []
    var receipts: [Receipt] = []
    var events: [OutgoingEvent] = []
}

extension WriteContext {
    /// Inserts what was left for the end of the transaction.
    ///
    /// - Returns: The events that are owed now, in their order.
    func insertPending() throws -> [OwedEvent] {
        try insertAttempts()
        try insertReceipts()
        let events = pending.events
        guard !events.isEmpty else { return [] }
        try insertEvents()
        // One writer: the ids of one transaction follow each other.
        let first = insertedID - Int64(events.count) + 1
        return events.enumerated().map { OwedEvent(place: first + Int64($0), event: $1) }
    }

    private func insertAttempts() throws {
        let (one, eight): (StaticString, StaticString) = (
            "INSERT INTO distribution_attempts (id, jobId, number, incarnation, startedAt) VALUES (?, ?, ?, ?, ?)",
            """
            INSERT INTO distribution_attempts (id, jobId, number, incarnation, startedAt)
            VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?),
                   (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)
            """
        )
        try insert(pending.attempts, one: one, eight: eight) { insert, row in
            insert.bind(row.id)
            insert.bind(row.jobID)
            insert.bind(row.number)
            insert.bind(services.incarnation)
            insert.bind(row.startedAt)
        }
    }

    private func insertReceipts() throws {
        let (one, eight): (StaticString, StaticString) = (
            """
            INSERT INTO distribution_receipts
                (id, jobId, domainId, externalId, externalUrl, deliveredAt, responseMeta)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            """
            INSERT INTO distribution_receipts
                (id, jobId, domainId, externalId, externalUrl, deliveredAt, responseMeta)
            VALUES (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?),
                   (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?, ?)
            """
        )
        try insert(pending.receipts, one: one, eight: eight) { insert, row in
            insert.bind(row.receipt.id)
            insert.bind(row.receipt.jobID)
            insert.bind(row.domainID)
            insert.bind(row.receipt.externalID)
            insert.bind(row.receipt.externalURL)
            insert.bind(row.receipt.deliveredAt)
            insert.bind(text: row.meta)
        }
    }

    private func insertEvents() throws {
        let (one, eight): (StaticString, StaticString) = (
            "INSERT INTO event_outbox (eventId, routingKey, correlationId, body) VALUES (?, ?, ?, ?)",
            """
            INSERT INTO event_outbox (eventId, routingKey, correlationId, body)
            VALUES (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?),
                   (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?), (?, ?, ?, ?)
            """
        )
        try insert(pending.events, one: one, eight: eight) { insert, event in
            insert.bind(event.id)
            insert.bind(event.routingKey)
            insert.bind(event.correlationID)
            insert.bind(text: event.body)
        }
    }

    private func insert<Row>(
        _ rows: [Row], one: StaticString, eight: StaticString, bind: (inout Query, Row) -> Void
    ) throws {
        var rest = rows[...]
        while !rest.isEmpty {
            let chunk = rest.prefix(rest.count >= 8 ? 8 : 1)
            var insert = try query(chunk.count == 8 ? eight : one)
            for row in chunk { bind(&insert, row) }
            try insert.run()
            rest = rest.dropFirst(chunk.count)
        }
    }
}
