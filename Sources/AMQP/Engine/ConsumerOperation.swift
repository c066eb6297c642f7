/// A change of a consumer group's consumers, carried out one after the other on its channel.
enum ConsumerOperation: Sendable {
    /// Begin to consume at somebody's request.
    case add(ConsumerSpecification, Completion)
    /// Begin to consume again after a reopening.
    case restore(ConsumerSpecification)
    /// Stop consuming.
    case remove(consumerTag: String, Completion)

    /// Publish on the channel of the consumers.
    case send(OutgoingMessage, Completion)

    typealias Completion = @Sendable (Result<Void, AMQPError>) -> Void

    /// The queue that it is about; for a removal, that of the consumer with its tag.
    func queue(among active: [String: ConsumerSpecification]) -> String? {
        switch self {
        case .add(let consumer, _), .restore(let consumer): consumer.queue
        case .remove(let tag, _): active[tag]?.queue
        case .send: nil
        }
    }

    func fail(_ error: AMQPError) {
        switch self {
        case .add(_, let completion), .remove(_, let completion), .send(_, let completion):
            completion(.failure(error))
        case .restore: break
        }
    }
}
