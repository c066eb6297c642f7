package import Distribution
import GRDB

extension SQLiteLedger {
    /// Two commits: the pages of a row that is made and deleted within one are never written.
    package func probe() async throws(LedgerError) {
        try await writer.perform { context in
            try context.query("INSERT OR REPLACE INTO ledger_probe (id, ballast) VALUES (1, zeroblob(65536))").run()
        }
        try await writer.perform { try $0.query("DELETE FROM ledger_probe").run() }
    }

    /// Lets the file grow to `mebibytes` at most, its log not counted; one that is larger already does not shrink.
    ///
    /// - Returns: The limit in pages.
    static func limit(_ pool: DatabasePool, toMebibytes mebibytes: Int) throws -> Int {
        try pool.writeWithoutTransaction { database in
            let pageSize = try Int.fetchOne(database, sql: "PRAGMA page_size") ?? 4_096
            let pages = max(1, mebibytes * 1_048_576 / pageSize)
            _ = try Int.fetchOne(database, sql: "PRAGMA max_page_count = \(pages)")
            return pages
        }
    }
}
