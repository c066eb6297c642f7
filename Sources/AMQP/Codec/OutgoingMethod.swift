/// A method this client sends.
enum OutgoingMethod: Sendable {
    case startOk(clientProperties: FieldTable, mechanism: String, response: [UInt8])
    case tuneOk(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16)
    case open(virtualHost: String)
    case close(code: UInt16, text: String)
    case closeOk
    case channelOpen
    case channelClose
    case channelCloseOk
    case channelFlowOk(active: Bool)
    case exchangeDeclare(ExchangeDeclaration)
    case exchangeDelete(name: String, ifUnused: Bool)
    case exchangeBind(Binding)
    case exchangeUnbind(Binding)
    case queueDeclare(QueueDeclaration)
    case queueDelete(name: String, ifUnused: Bool, ifEmpty: Bool)
    case queuePurge(name: String)
    case queueBind(Binding)
    case queueUnbind(Binding)
    case confirmSelect
    case qos(prefetch: UInt16)
    case consume(ConsumerSpecification)
    case cancel(consumerTag: String)
    case get(queue: String, noAck: Bool)
    case ack(tag: UInt64, multiple: Bool)
    case nack(tag: UInt64, requeue: Bool)

    struct ExchangeDeclaration: Sendable {
        var name: String
        var type: String
        var durable: Bool
        var autoDelete: Bool
        var isInternal: Bool
        var passive: Bool
        var arguments: FieldTable
    }

    struct QueueDeclaration: Sendable {
        var name: String
        var durable: Bool
        var exclusive: Bool
        var autoDelete: Bool
        var passive: Bool
        var arguments: FieldTable
    }

    /// Of a queue or an exchange (`destination`) to an exchange.
    struct Binding: Sendable {
        var destination: String
        var source: String
        var routingKey: String
        var arguments: FieldTable
    }
}
