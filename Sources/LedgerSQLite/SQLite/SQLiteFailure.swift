import Distribution

/// What SQLite answered to a call that failed.
struct SQLiteFailure: Error, CustomStringConvertible {
    /// The extended result code.
    let code: Int32
    let message: String
    let sql: String?

    /// Whether the same call may succeed later: nothing is wrong with the statement or the file's content.
    var isPassing: Bool { Self.passing.contains(code & 0xFF) }

    /// What stands in the way where the failure is passing.
    var obstacle: LedgerObstacle {
        switch code {
        // SQLITE_IOERR_SHMSIZE: the index of the log could not grow.
        case 4874: return .full
        default: break
        }
        switch code & 0xFF {
        case 13: return .full
        case 5, 6: return .locked
        case 8: return .readOnly
        case 10: return .failing
        default: return .other
        }
    }

    var description: String { "SQLite error \(code): \(message)" }

    /// ABORT, BUSY, LOCKED, NOMEM, READONLY, INTERRUPT, IOERR, FULL, CANTOPEN, PROTOCOL.
    private static let passing: Set<Int32> = [4, 5, 6, 7, 8, 9, 10, 13, 14, 15]
}
