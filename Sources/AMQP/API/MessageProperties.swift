/// The properties of an AMQP message (class `basic`); absent ones are nil, an empty header table counts as absent.
package struct MessageProperties: Sendable, Hashable {
    package var contentType: String?
    package var contentEncoding: String?
    package var headers: FieldTable
    /// 2 is persistent, 1 transient.
    package var deliveryMode: UInt8?
    package var priority: UInt8?
    package var correlationID: String?
    package var replyTo: String?
    /// Time to live in milliseconds, as decimal text.
    package var expiration: String?
    package var messageID: String?
    /// Seconds since 1970-01-01T00:00:00Z.
    package var timestamp: Int64?
    package var type: String?
    /// RabbitMQ refuses a name other than the one the connection logged in with.
    package var userID: String?
    package var appID: String?

    /// Persistent unless told otherwise.
    package init(
        contentType: String? = nil, contentEncoding: String? = nil, headers: FieldTable = [:],
        deliveryMode: UInt8? = 2, priority: UInt8? = nil, correlationID: String? = nil, replyTo: String? = nil,
        expiration: String? = nil, messageID: String? = nil, timestamp: Int64? = nil, type: String? = nil,
        userID: String? = nil, appID: String? = nil
    ) {
        self.contentType = contentType
        self.contentEncoding = contentEncoding
        self.headers = headers
        self.deliveryMode = deliveryMode
        self.priority = priority
        self.correlationID = correlationID
        self.replyTo = replyTo
        self.expiration = expiration
        self.messageID = messageID
        self.timestamp = timestamp
        self.type = type
        self.userID = userID
        self.appID = appID
    }
}
