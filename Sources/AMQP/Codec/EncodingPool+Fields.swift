internal import CRabbitMQ

extension EncodingPool {
    func table(_ table: FieldTable) throws(AMQPError) -> amqp_table_t {
        guard !table.isEmpty else { return amqp_empty_table }
        let entries = try allocate(table.count, of: amqp_table_entry_t.self)
        for (index, field) in table.fields.enumerated() {
            let entry = amqp_table_entry_t(key: try shortString(field.name), value: try value(field.value))
            (entries + index).initialize(to: entry)
        }
        return amqp_table_t(num_entries: Int32(table.count), entries: entries)
    }

    private func array(_ values: [FieldValue]) throws(AMQPError) -> amqp_array_t {
        guard !values.isEmpty else { return amqp_empty_array }
        let entries = try allocate(values.count, of: amqp_field_value_t.self)
        for (index, value) in values.enumerated() { (entries + index).initialize(to: try self.value(value)) }
        return amqp_array_t(num_entries: Int32(values.count), entries: entries)
    }

    private func value(_ value: FieldValue) throws(AMQPError) -> amqp_field_value_t {
        var field = amqp_field_value_t()
        switch value {
        case .bool(let value): field.set(AMQP_FIELD_KIND_BOOLEAN) { $0.boolean = value ? 1 : 0 }
        case .int8(let value): field.set(AMQP_FIELD_KIND_I8) { $0.i8 = value }
        case .uint8(let value): field.set(AMQP_FIELD_KIND_U8) { $0.u8 = value }
        case .int16(let value): field.set(AMQP_FIELD_KIND_I16) { $0.i16 = value }
        case .uint16(let value): field.set(AMQP_FIELD_KIND_U16) { $0.u16 = value }
        case .int32(let value): field.set(AMQP_FIELD_KIND_I32) { $0.i32 = value }
        case .uint32(let value): field.set(AMQP_FIELD_KIND_U32) { $0.u32 = value }
        case .int64(let value): field.set(AMQP_FIELD_KIND_I64) { $0.i64 = value }
        case .float(let value): field.set(AMQP_FIELD_KIND_F32) { $0.f32 = value }
        case .double(let value): field.set(AMQP_FIELD_KIND_F64) { $0.f64 = value }
        case .timestamp(let value):
            field.set(AMQP_FIELD_KIND_TIMESTAMP) { $0.u64 = UInt64(bitPattern: value) }
        case .decimal(let scale, let value):
            field.set(AMQP_FIELD_KIND_DECIMAL) { $0.decimal = amqp_decimal_t(decimals: scale, value: value) }
        case .string(let value):
            let bytes = try longString(value)
            field.set(AMQP_FIELD_KIND_UTF8) { $0.bytes = bytes }
        case .bytes(let value):
            let bytes = try bytes(value)
            field.set(AMQP_FIELD_KIND_BYTES) { $0.bytes = bytes }
        case .array(let value):
            let array = try array(value)
            field.set(AMQP_FIELD_KIND_ARRAY) { $0.array = array }
        case .table(let value):
            let table = try table(value)
            field.set(AMQP_FIELD_KIND_TABLE) { $0.table = table }
        case .void: field.set(AMQP_FIELD_KIND_VOID) { _ in }
        }
        return field
    }
}

extension amqp_field_value_t {
    fileprivate typealias Payload = __Unnamed_union_value

    fileprivate mutating func set(_ kind: amqp_field_value_kind_t, _ assign: (inout Payload) -> Void) {
        self.kind = UInt8(kind.rawValue)
        assign(&value)
    }
}
