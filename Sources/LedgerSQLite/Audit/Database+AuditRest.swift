import Distribution
import GRDB
import Sealing

extension Database {
    func auditReceipts(after: ReceiptID, limit: Int) throws -> ReceiptAuditPage {
        var select = try query(
            """
            SELECT r.id, j.receiptId IS NOT r.id
            FROM (SELECT id, jobId FROM distribution_receipts WHERE id > ? ORDER BY id LIMIT ?) AS r
            LEFT JOIN distribution_jobs AS j ON j.id = r.jobId ORDER BY r.id
            """)
        select.bind(after)
        select.bind(limit)
        let rows: [(id: ReceiptID, isStray: Bool)] = try select.all { ($0.id(0), $0.bool(1)) }
        return ReceiptAuditPage(
            count: rows.count, strays: rows.filter(\.isStray).map(\.id), next: rows.count < limit ? nil : rows.last?.id)
    }

    /// An event that is no JSON counts as one out of sequence.
    func auditEvents(after place: Int64, limit: Int) throws -> EventAuditPage {
        var select = try query(
            """
            SELECT e.id, e.planId, e.sequence, p.sequence
            FROM (SELECT id, CASE WHEN json_valid(body)
                        THEN CAST(substr(json_extract(body, '$.subject'), 7) AS INTEGER) END AS planId,
                    CASE WHEN json_valid(body)
                        THEN CAST(json_extract(body, '$.sequence') AS INTEGER) ELSE -1 END AS sequence
                FROM event_outbox WHERE id > ? ORDER BY id LIMIT ?) AS e
            LEFT JOIN distribution_plans AS p ON e.sequence IS NOT NULL AND p.id = e.planId ORDER BY e.id
            """)
        select.bind(place)
        select.bind(limit)
        let entries = try select.all { row in
            EventAuditPage.Entry(
                place: row.integer(0), planID: row.idOrNil(1), sequence: row.integerOrNil(2),
                newest: row.integerOrNil(3))
        }
        let first = try query("SELECT min(id) FROM event_outbox").first { $0.integerOrNil(0) } ?? nil
        return EventAuditPage(
            entries: entries, firstPlace: first, next: entries.count < limit ? nil : entries.last?.place)
    }

    func auditPayloads(after: Int64, newest: Int?, limit: Int) throws -> PayloadAuditPage {
        let last = try query("SELECT max(id) FROM distribution_payloads").first { $0.integer(0) } ?? 0
        var select = try query(
            "SELECT id, digest, bytes FROM distribution_payloads WHERE id > ? ORDER BY id LIMIT ?")
        select.bind(max(after, newest.map { last - Int64($0) } ?? 0))
        select.bind(limit)
        let rows = try select.all { row in
            (id: row.integer(0), isSound: row.bytes(1) == SHA256.digest(row.bytes(2)).bytes)
        }
        return PayloadAuditPage(
            count: rows.count, damaged: rows.filter { !$0.isSound }.map(\.id),
            next: rows.count < limit ? nil : rows.last?.id)
    }

    func tableNames() throws -> [String] {
        try query("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").all { $0.text(0) }
    }

    /// - Parameter table: A name of ``tableNames()``.
    func damages(of table: String) throws -> [String] {
        let quoted = table.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
        return try query("PRAGMA integrity_check('\(quoted)')").all { $0.text(0) }.filter { $0 != "ok" }
    }
}
