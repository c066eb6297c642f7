internal import CRabbitMQ

extension String {
    /// A copy of bytes that librabbitmq decoded; what is not UTF-8 is repaired.
    init(_ bytes: amqp_bytes_t) {
        self.init(decoding: UnsafeRawBufferPointer(start: bytes.bytes, count: bytes.len), as: UTF8.self)
    }
}

extension FieldTable {
    /// A name that comes twice on the wire keeps its first value.
    init(_ table: amqp_table_t) {
        self.init(table, depth: 1)
    }

    fileprivate init(_ table: amqp_table_t, depth: Int) {
        let entries = UnsafeBufferPointer(start: table.entries, count: Int(table.num_entries))
        self.init(decoded: entries.lazy.map { (String($0.key), FieldValue($0.value, depth: depth)) })
    }
}

extension FieldValue {
    /// Tables and arrays within one another at most. A frame has room for thousands, and whatever walks them, down to
    /// their release, would go as deep on the thread's stack.
    private static let maximumDepth = 64

    /// What is nested too deeply becomes void.
    fileprivate init(_ field: amqp_field_value_t, depth: Int) {
        let value = field.value
        switch amqp_field_value_kind_t(rawValue: .init(field.kind)) {
        case AMQP_FIELD_KIND_BOOLEAN: self = .bool(value.boolean != 0)
        case AMQP_FIELD_KIND_I8: self = .int8(value.i8)
        case AMQP_FIELD_KIND_U8: self = .uint8(value.u8)
        case AMQP_FIELD_KIND_I16: self = .int16(value.i16)
        case AMQP_FIELD_KIND_U16: self = .uint16(value.u16)
        case AMQP_FIELD_KIND_I32: self = .int32(value.i32)
        case AMQP_FIELD_KIND_U32: self = .uint32(value.u32)
        // RabbitMQ and its clients write signed 64-bit integers under both letters.
        case AMQP_FIELD_KIND_I64, AMQP_FIELD_KIND_U64: self = .int64(value.i64)
        case AMQP_FIELD_KIND_F32: self = .float(value.f32)
        case AMQP_FIELD_KIND_F64: self = .double(value.f64)
        case AMQP_FIELD_KIND_DECIMAL: self = .decimal(scale: value.decimal.decimals, value: value.decimal.value)
        case AMQP_FIELD_KIND_UTF8: self = .string(String(value.bytes))
        case AMQP_FIELD_KIND_BYTES:
            self = .bytes(Array(UnsafeRawBufferPointer(start: value.bytes.bytes, count: value.bytes.len)))
        case AMQP_FIELD_KIND_TIMESTAMP: self = .timestamp(Int64(bitPattern: value.u64))
        case AMQP_FIELD_KIND_TABLE where depth < Self.maximumDepth:
            self = .table(FieldTable(value.table, depth: depth + 1))
        case AMQP_FIELD_KIND_ARRAY where depth < Self.maximumDepth:
            let entries = UnsafeBufferPointer(start: value.array.entries, count: Int(value.array.num_entries))
            self = .array(entries.map { FieldValue($0, depth: depth + 1) })
        default: self = .void
        }
    }
}
