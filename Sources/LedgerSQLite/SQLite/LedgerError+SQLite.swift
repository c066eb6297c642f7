import Distribution
import GRDB

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

    /// A file that has grown to the limit of its connection tells so as a full disk does.
    func explained(on database: Database) -> LedgerError {
        guard obstacle == .full, let pages = try? Int.fetchOne(database, sql: "PRAGMA page_count"),
            let limit = try? Int.fetchOne(database, sql: "PRAGMA max_page_count"), pages >= limit,
            let pageSize = try? Int.fetchOne(database, sql: "PRAGMA page_size")
        else { return self }
        return LedgerError(
            kind: kind, message: "The ledger has grown to its limit of \(limit * pageSize / 1_048_576) MiB.",
            cause: cause, obstacle: .atLimit)
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
