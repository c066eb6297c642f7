import Distribution
import GRDBSQLite

/// The row that a query stands on, read column by column, valid until its next step.
struct Columns {
    let raw: OpaquePointer

    func isNull(_ index: Int32) -> Bool { sqlite3_column_type(raw, index) == SQLITE_NULL }

    func integer(_ index: Int32) -> Int64 { sqlite3_column_int64(raw, index) }

    func integerOrNil(_ index: Int32) -> Int64? { isNull(index) ? nil : integer(index) }

    func int(_ index: Int32) -> Int { Int(integer(index)) }

    func bool(_ index: Int32) -> Bool { integer(index) != 0 }

    func id<Entity>(_ index: Int32) -> Identifier<Entity> { Identifier(integer(index)) }

    func idOrNil<Entity>(_ index: Int32) -> Identifier<Entity>? { integerOrNil(index).map { Identifier($0) } }

    func text(_ index: Int32) -> String { textOrNil(index) ?? "" }

    func textOrNil(_ index: Int32) -> String? {
        guard let start = sqlite3_column_text(raw, index) else { return nil }
        let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, index)))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of a BLOB or of a TEXT.
    func bytes(_ index: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(raw, index) else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(raw, index))))
    }

    func digest(_ index: Int32) throws -> Digest256 {
        guard let digest = Digest256(bytes: bytes(index)) else { throw damage(index) }
        return digest
    }

    func digestOrNil(_ index: Int32) throws -> Digest256? { isNull(index) ? nil : try digest(index) }

    func timestamp(_ index: Int32) throws -> Timestamp {
        guard let value = Timestamp(iso8601: text(index)) else { throw damage(index) }
        return value
    }

    func timestampOrNil(_ index: Int32) throws -> Timestamp? { isNull(index) ? nil : try timestamp(index) }

    /// A value that is stored as the raw value of an enumeration.
    func value<Value: RawRepresentable>(_ index: Int32, as _: Value.Type = Value.self) throws -> Value
    where Value.RawValue == String {
        guard let value = Value(rawValue: text(index)) else { throw damage(index) }
        return value
    }

    func valueOrNil<Value: RawRepresentable>(_ index: Int32, as _: Value.Type = Value.self) throws -> Value?
    where Value.RawValue == String {
        isNull(index) ? nil : try value(index)
    }

    /// Code, message, status code and certainty in four columns from `index` on.
    func deliveryError(_ index: Int32) throws -> DeliveryError? {
        guard !isNull(index) else { return nil }
        return DeliveryError(
            code: try value(index), message: text(index + 1), statusCode: integerOrNil(index + 2).map(Int.init),
            certainty: try valueOrNil(index + 3))
    }

    func trace(_ index: Int32) -> TraceContext? {
        textOrNil(index).flatMap { TraceContext(traceparent: $0, tracestate: textOrNil(index + 1)) }
    }

    func damage(_ index: Int32) -> LedgerError {
        let name = sqlite3_column_name(raw, index).map { String(cString: $0) } ?? String(index)
        return LedgerError(kind: .invalid, message: "The ledger is damaged: column \(name) holds an impossible value.")
    }
}
