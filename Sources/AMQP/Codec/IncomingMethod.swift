/// A method the broker sends, copied out of librabbitmq's memory.
enum IncomingMethod: Sendable {
    case start(mechanisms: String)
    case secure
    case tune(channelMax: UInt16, frameMax: UInt32, heartbeat: UInt16)
    case openOk
    case close(BrokerClosure)
    case closeOk
    case blocked(reason: String)
    case unblocked
    case channelOpenOk
    case channelFlow(active: Bool)
    case channelClose(BrokerClosure)
    case channelCloseOk
    case queueDeclareOk(QueueInfo)
    /// Answers purge and delete of a queue.
    case messageCount(Int)
    case consumeOk
    case cancelOk
    case cancel(consumerTag: String)
    case deliver(DeliverMethod)
    case getOk(DeliverMethod)
    case getEmpty
    case basicReturn(ReturnMethod)
    case ack(tag: UInt64, multiple: Bool)
    case nack(tag: UInt64, multiple: Bool)
    /// An answer that says nothing but yes.
    case done
    case unknown(id: UInt32)
}

/// Why the broker closed a channel or the connection, and the method that made it do so.
struct BrokerClosure: Sendable, Equatable {
    let code: Int
    let text: String
    let classID: UInt16
    let methodID: UInt16
}

/// The head of a message that is delivered or fetched.
struct DeliverMethod: Sendable {
    let consumerTag: String
    let tag: UInt64
    let redelivered: Bool
    let exchange: String
    let routingKey: String
}

/// The head of a message that no queue took.
struct ReturnMethod: Sendable {
    let code: Int
    let text: String
    let exchange: String
    let routingKey: String
}
