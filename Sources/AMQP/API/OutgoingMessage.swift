/// A message on its way to the broker.
package struct OutgoingMessage: Sendable {
    /// The empty name is the default exchange, which routes to the queue named by the routing key.
    package var exchange: String
    package var routingKey: String
    /// Whether a message that no queue takes comes back as `PublishResult.returned`; without it such a message is
    /// confirmed and gone. Answers to RabbitMQ's direct reply-to are never sent as mandatory: the broker returns those
    /// although it delivers them.
    package var mandatory: Bool
    package var properties: MessageProperties
    package var body: [UInt8]

    package init(
        exchange: String, routingKey: String, mandatory: Bool = true, properties: MessageProperties = .init(),
        body: [UInt8]
    ) {
        self.exchange = exchange
        self.routingKey = routingKey
        self.mandatory = mandatory
        self.properties = properties
        self.body = body
    }
}

extension OutgoingMessage {
    var isSentAsMandatory: Bool {
        mandatory && !(exchange.isEmpty && routingKey.hasPrefix("amq.rabbitmq.reply-to."))
    }
}
