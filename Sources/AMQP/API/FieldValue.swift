/// A value of an AMQP field table, with RabbitMQ's types and type letters.
package enum FieldValue: Sendable, Hashable {
    case bool(Bool)
    case int8(Int8)
    case uint8(UInt8)
    case int16(Int16)
    case uint16(UInt16)
    case int32(Int32)
    case uint32(UInt32)
    case int64(Int64)
    case float(Float)
    case double(Double)
    /// `value` divided by ten to the power of `scale`.
    case decimal(scale: UInt8, value: UInt32)
    /// A long string. Bytes that are not UTF-8 are repaired with U+FFFD on reception.
    case string(String)
    case bytes([UInt8])
    /// Seconds since 1970-01-01T00:00:00Z.
    case timestamp(Int64)
    case array([FieldValue])
    case table(FieldTable)
    case void
}

extension FieldValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral {
    package init(stringLiteral value: String) { self = .string(value) }
    package init(booleanLiteral value: Bool) { self = .bool(value) }
    /// The narrowest of RabbitMQ's usual integers, which is what its policies and arguments expect.
    package init(integerLiteral value: Int64) { self = Int32(exactly: value).map(FieldValue.int32) ?? .int64(value) }
}

extension FieldValue {
    /// The text of a string value, else nil.
    package var stringValue: String? {
        if case .string(let value) = self { value } else { nil }
    }

    /// The number of any integer or timestamp value, else nil.
    package var integerValue: Int64? {
        switch self {
        case .int8(let value): Int64(value)
        case .uint8(let value): Int64(value)
        case .int16(let value): Int64(value)
        case .uint16(let value): Int64(value)
        case .int32(let value): Int64(value)
        case .uint32(let value): Int64(value)
        case .int64(let value), .timestamp(let value): value
        default: nil
        }
    }

    /// The fields of a table value, else nil.
    package var tableValue: FieldTable? {
        if case .table(let value) = self { value } else { nil }
    }

    /// The elements of an array value, else nil.
    package var arrayValue: [FieldValue]? {
        if case .array(let value) = self { value } else { nil }
    }
}
