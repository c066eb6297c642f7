import Distribution

extension DeadLetterRun {
    static let columns = """
        id, domainId, kind, selectionJson, idempotencyKey, ratePerSecond, letterLimit, total, status, handled, skipped, \
        position, createdAt, updatedAt, endedAt
        """

    init(columns: Columns) throws {
        // What cannot be read, as where a later version has written it, takes no letter, and holds up no other run.
        let words = (try? JSON.parse(columns.bytes(3)))?.objectValue
        let selection = words.flatMap { try? DeadLetterSelection(json: $0) }
        self.init(
            id: columns.id(0), domainID: columns.id(1), kind: try columns.value(2), selection: selection ?? .nothing,
            idempotencyKey: columns.textOrNil(4), ratePerSecond: columns.int(5),
            limit: columns.integerOrNil(6).map(Int.init), total: columns.int(7), status: try columns.value(8),
            handled: columns.int(9), skipped: columns.int(10), position: columns.id(11),
            createdAt: try columns.timestamp(12), updatedAt: try columns.timestamp(13),
            endedAt: try columns.timestampOrNil(14))
    }
}
