import Distribution
import GRDB
import GRDBSQLite
import Glibc

extension LedgerError {
    /// The one translation of what SQLite and GRDB throw into what the ledger's callers can act on.
    static func translating(_ error: any Error) -> LedgerError {
        switch error {
        case let error as LedgerError: error
        case let failure as SQLiteFailure: describing(failure)
        case let failure as DatabaseError:
            describing(
                SQLiteFailure(
                    code: failure.extendedResultCode.rawValue, message: failure.message ?? "unknown", sql: failure.sql))
        default: LedgerError(kind: .invalid, message: "The ledger failed unexpectedly.", cause: error)
        }
    }

    /// A transaction that could not be committed: nothing of it was written, whatever the reason.
    static func uncommitted(_ error: any Error) -> LedgerError {
        let cause = translating(error)
        return LedgerError(
            kind: .unavailable, message: cause.message, cause: cause.cause ?? error, obstacle: cause.obstacle)
    }

    /// A file that has grown to the operator's limit tells so as a full disk does.
    ///
    /// - Parameter pageLimit: What the operator allows; nil for no limit.
    func explained(on database: Database, _ pageLimit: Int?) -> LedgerError {
        guard obstacle == .full, let pageLimit, let pages = try? Int.fetchOne(database, sql: "PRAGMA page_count"),
            // What did not fit may have been much larger than what is left.
            pages >= pageLimit || Self.diskHasRoom(for: database),
            let pageSize = try? Int.fetchOne(database, sql: "PRAGMA page_size")
        else { return self }
        return LedgerError(
            kind: kind, message: "The ledger has grown to its limit of \(pageLimit * pageSize / 1_048_576) MiB.",
            cause: cause, obstacle: .atLimit)
    }

    /// Whether the disk under the file has more room than any transaction needs.
    private static func diskHasRoom(for database: Database) -> Bool {
        guard let path = sqlite3_db_filename(database.sqliteConnection, "main") else { return false }
        var disk = statvfs()
        return statvfs(path, &disk) == 0 && UInt64(disk.f_bavail) * UInt64(disk.f_frsize) > 256 << 20
    }

    static let closed = LedgerError(kind: .unavailable, message: "The ledger is closed.")

    private static func describing(_ failure: SQLiteFailure) -> LedgerError {
        failure.isPassing
            ? LedgerError(
                kind: .unavailable, message: "The ledger cannot be used now: \(failure.message).", cause: failure,
                obstacle: failure.obstacle)
            : LedgerError(
                kind: .invalid, message: "The ledger refused a statement: \(failure.message).", cause: failure)
    }
}
