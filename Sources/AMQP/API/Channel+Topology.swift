extension Channel {
    /// Declares an exchange; with `passive`, only checks that it exists (404 if not).
    ///
    /// - Throws: `AMQPError.channelClosed` with 406 where it exists with other settings.
    package func declareExchange(
        name: String, type: String, durable: Bool = true, autoDelete: Bool = false, internal isInternal: Bool = false,
        arguments: FieldTable = [:], passive: Bool = false
    ) async throws { throw AMQPError.notConnected }

    package func deleteExchange(name: String, ifUnused: Bool = false) async throws { throw AMQPError.notConnected }

    /// Routes messages of `source` on to `destination` (RabbitMQ's extension).
    package func bindExchange(
        destination: String, source: String, routingKey: String, arguments: FieldTable = [:]
    ) async throws { throw AMQPError.notConnected }

    package func unbindExchange(
        destination: String, source: String, routingKey: String, arguments: FieldTable = [:]
    ) async throws { throw AMQPError.notConnected }

    /// Declares a queue; with `passive`, only checks that it exists (404 if not). The empty name lets the broker choose.
    ///
    /// - Throws: `AMQPError.channelClosed` with 406 where it exists with other settings.
    package func declareQueue(
        name: String, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: FieldTable = [:], passive: Bool = false
    ) async throws -> QueueInfo { throw AMQPError.notConnected }

    package func bindQueue(
        queue: String, exchange: String, routingKey: String, arguments: FieldTable = [:]
    ) async throws { throw AMQPError.notConnected }

    package func unbindQueue(
        queue: String, exchange: String, routingKey: String, arguments: FieldTable = [:]
    ) async throws { throw AMQPError.notConnected }

    /// Deletes a queue and returns how many messages went with it. A missing queue counts as deleted.
    @discardableResult
    package func deleteQueue(
        name: String, ifUnused: Bool = false, ifEmpty: Bool = false
    ) async throws -> Int { throw AMQPError.notConnected }

    /// Drops the ready messages of a queue and returns how many there were.
    @discardableResult
    package func purgeQueue(name: String) async throws -> Int { throw AMQPError.notConnected }

    /// Fetches one message, or nil from an empty queue. It must be settled before the channel closes, else it returns to
    /// its queue.
    package func get(queue: String, noAck: Bool = false) async throws -> Delivery? { throw AMQPError.notConnected }
}
