import Distribution
import GRDB
import GRDBSQLite

/// One execution of a prepared statement: bind its parameters in order, then run or step it.
///
/// Talks to SQLite directly: GRDB's arguments and rows copy every value twice, which is most of what a small
/// transaction costs. The statement belongs to GRDB's cache and to the queue of its connection.
struct Query {
    let statement: Statement
    private let raw: OpaquePointer
    private var position: Int32 = 0

    init(_ statement: Statement) {
        self.statement = statement
        raw = statement.sqliteStatement
        sqlite3_reset(raw)
        sqlite3_clear_bindings(raw)
    }

    /// Runs a statement that returns no row.
    func run() throws {
        let code = sqlite3_step(raw)
        guard code == SQLITE_DONE else { throw failure() }
        sqlite3_reset(raw)
    }

    /// - Returns: Whether there is a row to read; without one the statement is reset.
    func step() throws -> Bool {
        switch sqlite3_step(raw) {
        case SQLITE_ROW: return true
        case SQLITE_DONE:
            sqlite3_reset(raw)
            return false
        default: throw failure()
        }
    }

    /// Ends a statement whose rows were not all read.
    func finish() {
        sqlite3_reset(raw)
    }

    /// The first row, if any.
    func first<Value>(_ read: (Columns) throws -> Value) throws -> Value? {
        defer { finish() }
        return try step() ? try read(Columns(raw: raw)) : nil
    }

    func all<Value>(_ read: (Columns) throws -> Value) throws -> [Value] {
        defer { finish() }
        var values: [Value] = []
        while try step() { values.append(try read(Columns(raw: raw))) }
        return values
    }

    private func failure() -> SQLiteFailure {
        let connection = sqlite3_db_handle(raw)
        let failure = SQLiteFailure(
            code: sqlite3_extended_errcode(connection), message: String(cString: sqlite3_errmsg(connection)),
            sql: statement.sql)
        sqlite3_reset(raw)
        return failure
    }
}

extension Query {
    mutating func bind(_ value: Int64?) {
        position += 1
        if let value { sqlite3_bind_int64(raw, position, value) } else { sqlite3_bind_null(raw, position) }
    }

    mutating func bind(_ value: Int?) { bind(value.map(Int64.init)) }

    mutating func bind(_ value: Bool) { bind(Int64(value ? 1 : 0)) }

    mutating func bind<Entity>(_ value: Identifier<Entity>?) { bind(value?.rawValue) }

    mutating func bind(_ value: String?) {
        position += 1
        guard var value else {
            sqlite3_bind_null(raw, position)
            return
        }
        let position = position
        value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                // An empty string may have no address, which SQLite would take for NULL.
                let start = characters.baseAddress ?? UnsafePointer(Self.nothing)
                _ = sqlite3_bind_text(raw, position, start, Int32(characters.count), Self.transient)
            }
        }
    }

    mutating func bind(_ value: Timestamp?) {
        position += 1
        guard let value else {
            sqlite3_bind_null(raw, position)
            return
        }
        let position = position
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
            value.writeISO8601(into: buffer)
            buffer.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(raw, position, characters.baseAddress, 24, Self.transient)
            }
        }
    }

    mutating func bind(blob value: [UInt8]?) {
        position += 1
        if let value {
            // Never NULL for no bytes: the array's address may be missing then.
            if value.isEmpty {
                sqlite3_bind_zeroblob(raw, position, 0)
            } else {
                sqlite3_bind_blob(raw, position, value, Int32(value.count), Self.transient)
            }
        } else {
            sqlite3_bind_null(raw, position)
        }
    }

    mutating func bind(_ value: Digest256?) { bind(blob: value?.bytes) }

    /// Bytes that are UTF-8, as TEXT.
    mutating func bind(text value: [UInt8]) {
        position += 1
        let position = position
        value.withUnsafeBytes { bytes in
            let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? UnsafePointer(Self.nothing)
            _ = sqlite3_bind_text(raw, position, start, Int32(bytes.count), Self.transient)
        }
    }

    mutating func bind(_ error: DeliveryError?) {
        bind(error?.code.rawValue)
        bind(error?.message)
        bind(error?.statusCode)
        bind(error?.certainty?.rawValue)
    }

    /// Tells SQLite to copy what is bound before the call returns.
    private static var transient: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    private static var nothing: UnsafePointer<CChar> {
        let empty: StaticString = ""
        return UnsafeRawPointer(empty.utf8Start).assumingMemoryBound(to: CChar.self)
    }
}
