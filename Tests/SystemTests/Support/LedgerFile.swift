import GRDB

/// The ledger's file as any SQLite tool sees it, read-only.
struct LedgerFile: Sendable {
    private let queue: DatabaseQueue

    init(_ system: TestSystem) throws {
        try self.init(folder: system.dataDirectory)
    }

    init(folder: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        queue = try DatabaseQueue(path: folder + "/ledger.sqlite", configuration: configuration)
    }

    func text(_ sql: String, _ argument: Int64) throws -> String? {
        try queue.read { try String.fetchOne($0, sql: sql, arguments: [argument]) }
    }

    func number(_ sql: String) throws -> Int? {
        try queue.read { try Int.fetchOne($0, sql: sql) }
    }

    /// Every row, read by its columns' places.
    func rows<Value>(_ sql: String, _ argument: Int64? = nil, _ value: (Row) throws -> Value) throws -> [Value] {
        try queue.read { database in
            let rows = try Row.fetchAll(database, sql: sql, arguments: argument.map { [$0] } ?? [])
            return try rows.map(value)
        }
    }

    /// Two columns as a dictionary of counts.
    func counts(_ sql: String) throws -> [String: Int] {
        try queue.read { database in
            let rows = try Row.fetchAll(database, sql: sql)
            return Dictionary(rows.map { ($0[0], $0[1]) }) { $0 + $1 }
        }
    }
}
