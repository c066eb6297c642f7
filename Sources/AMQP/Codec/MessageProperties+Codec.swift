internal import CRabbitMQ

extension MessageProperties {
    /// Copies decoded properties out of librabbitmq's memory.
    init(_ raw: amqp_basic_properties_t, reusing texts: inout RecurringTexts) {
        func has(_ flag: Int32) -> Bool { raw._flags & UInt32(bitPattern: flag) != 0 }
        self.init(deliveryMode: has(AMQP_BASIC_DELIVERY_MODE_FLAG) ? raw.delivery_mode : nil)
        if has(AMQP_BASIC_CONTENT_TYPE_FLAG) { contentType = texts.contentType.read(raw.content_type) }
        if has(AMQP_BASIC_CONTENT_ENCODING_FLAG) { contentEncoding = String(raw.content_encoding) }
        if has(AMQP_BASIC_HEADERS_FLAG) { headers = FieldTable(raw.headers) }
        if has(AMQP_BASIC_PRIORITY_FLAG) { priority = raw.priority }
        if has(AMQP_BASIC_CORRELATION_ID_FLAG) { correlationID = String(raw.correlation_id) }
        if has(AMQP_BASIC_REPLY_TO_FLAG) { replyTo = String(raw.reply_to) }
        if has(AMQP_BASIC_EXPIRATION_FLAG) { expiration = String(raw.expiration) }
        if has(AMQP_BASIC_MESSAGE_ID_FLAG) { messageID = String(raw.message_id) }
        if has(AMQP_BASIC_TIMESTAMP_FLAG) { timestamp = Int64(bitPattern: raw.timestamp) }
        if has(AMQP_BASIC_TYPE_FLAG) { type = texts.type.read(raw.type) }
        if has(AMQP_BASIC_USER_ID_FLAG) { userID = texts.userID.read(raw.user_id) }
        if has(AMQP_BASIC_APP_ID_FLAG) { appID = texts.appID.read(raw.app_id) }
    }

    /// The same properties as librabbitmq encodes them, pointing into the pool.
    func encodable(in pool: EncodingPool) throws(AMQPError) -> amqp_basic_properties_t {
        var raw = amqp_basic_properties_t()
        func flag(_ flag: Int32) { raw._flags |= UInt32(bitPattern: flag) }
        func set(
            _ text: String?, _ field: WritableKeyPath<amqp_basic_properties_t, amqp_bytes_t>, _ bit: Int32
        ) throws(AMQPError) {
            guard let text else { return }
            raw[keyPath: field] = try pool.shortString(text)
            flag(bit)
        }
        try set(contentType, \.content_type, AMQP_BASIC_CONTENT_TYPE_FLAG)
        try set(contentEncoding, \.content_encoding, AMQP_BASIC_CONTENT_ENCODING_FLAG)
        try set(correlationID, \.correlation_id, AMQP_BASIC_CORRELATION_ID_FLAG)
        try set(replyTo, \.reply_to, AMQP_BASIC_REPLY_TO_FLAG)
        try set(expiration, \.expiration, AMQP_BASIC_EXPIRATION_FLAG)
        try set(messageID, \.message_id, AMQP_BASIC_MESSAGE_ID_FLAG)
        try set(type, \.type, AMQP_BASIC_TYPE_FLAG)
        try set(userID, \.user_id, AMQP_BASIC_USER_ID_FLAG)
        try set(appID, \.app_id, AMQP_BASIC_APP_ID_FLAG)
        if !headers.isEmpty {
            raw.headers = try pool.table(headers)
            flag(AMQP_BASIC_HEADERS_FLAG)
        }
        if let deliveryMode {
            raw.delivery_mode = deliveryMode
            flag(AMQP_BASIC_DELIVERY_MODE_FLAG)
        }
        if let priority {
            raw.priority = priority
            flag(AMQP_BASIC_PRIORITY_FLAG)
        }
        if let timestamp {
            raw.timestamp = UInt64(bitPattern: timestamp)
            flag(AMQP_BASIC_TIMESTAMP_FLAG)
        }
        return raw
    }
}
