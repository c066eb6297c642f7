import Distribution

extension Call {
    /// Answers with one page of a list.
    ///
    /// Where the page is full, one more row is asked for, so that `hasMore` never promises an empty page.
    func list<Row: Sendable>(
        id: (Row) -> Int64, show: (Row) -> JSON, fetch: (Page) async throws -> [Row]
    ) async throws -> Answer {
        let page = try query.page()
        let rows = try await fetch(page)
        var next: String?
        if rows.count == page.limit, let last = rows.last {
            let further = try await fetch(Page(after: id(last), limit: 1))
            if !further.isEmpty { next = Cursor.encode(id(last)) }
        }
        return Answer(
            data: .array(rows.map(show)), meta: AnswerMeta(continuation: .init(nextCursor: next)))
    }
}
