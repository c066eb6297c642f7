extension Channel {
    /// Declares an exchange; with `passive`, only checks that it exists (404 if not).
    ///
    /// - Throws: `AMQPError.channelClosed` with 406 where it exists with other settings.
    package func declareExchange(
        name: String, type: String, durable: Bool = true, autoDelete: Bool = false, internal isInternal: Bool = false,
        arguments: FieldTable = [:], passive: Bool = false
    ) async throws {
        try await confirm(
            .exchangeDeclare(
                .init(
                    name: name, type: type, durable: durable, autoDelete: autoDelete, isInternal: isInternal,
                    passive: passive, arguments: arguments)))
    }

    package func deleteExchange(name: String, ifUnused: Bool = false) async throws {
        try await confirm(.exchangeDelete(name: name, ifUnused: ifUnused))
    }

    /// Routes messages of `source` on to `destination` (RabbitMQ's extension).
    package func bindExchange(
        destination: String, source: String, routingKey: String, arguments: FieldTable = [:]
    ) async throws {
        try await confirm(
            .exchangeBind(
                .init(destination: destination, source: source, routingKey: routingKey, arguments: arguments)))
    }

    package func unbindExchange(
        destination: String, source: String, routingKey: String, arguments: FieldTable = [:]
    ) async throws {
        try await confirm(
            .exchangeUnbind(
                .init(destination: destination, source: source, routingKey: routingKey, arguments: arguments)))
    }

    /// Declares a queue; with `passive`, only checks that it exists (404 if not). The empty name lets the broker choose.
    ///
    /// - Throws: `AMQPError.channelClosed` with 406 where it exists with other settings.
    package func declareQueue(
        name: String, durable: Bool = true, exclusive: Bool = false, autoDelete: Bool = false,
        arguments: FieldTable = [:], passive: Bool = false
    ) async throws -> QueueInfo {
        let declaration = OutgoingMethod.QueueDeclaration(
            name: name, durable: durable, exclusive: exclusive, autoDelete: autoDelete, passive: passive,
            arguments: arguments)
        guard case .method(.queueDeclareOk(let info)) = try await call(.queueDeclare(declaration)) else {
            throw Self.mismatch
        }
        return info
    }

    package func bindQueue(
        queue: String, exchange: String, routingKey: String, arguments: FieldTable = [:]
    ) async throws {
        try await confirm(
            .queueBind(.init(destination: queue, source: exchange, routingKey: routingKey, arguments: arguments)))
    }

    package func unbindQueue(
        queue: String, exchange: String, routingKey: String, arguments: FieldTable = [:]
    ) async throws {
        try await confirm(
            .queueUnbind(.init(destination: queue, source: exchange, routingKey: routingKey, arguments: arguments)))
    }

    /// Deletes a queue and returns how many messages went with it. A missing queue counts as deleted.
    @discardableResult
    package func deleteQueue(
        name: String, ifUnused: Bool = false, ifEmpty: Bool = false
    ) async throws -> Int {
        try await count(.queueDelete(name: name, ifUnused: ifUnused, ifEmpty: ifEmpty))
    }

    /// Drops the ready messages of a queue and returns how many there were.
    @discardableResult
    package func purgeQueue(name: String) async throws -> Int {
        try await count(.queuePurge(name: name))
    }

    /// Fetches one message, or nil from an empty queue. It must be settled before the channel closes, else it returns to
    /// its queue.
    package func get(queue: String, noAck: Bool = false) async throws -> Delivery? {
        switch try await call(.get(queue: queue, noAck: noAck)) {
        case .delivery(let delivery): return delivery
        case .method(.getEmpty): return nil
        default: throw Self.mismatch
        }
    }

    private static var mismatch: AMQPError { .protocolViolation("an answer to another question") }

    private func confirm(_ method: OutgoingMethod) async throws {
        guard case .method(.done) = try await call(method) else { throw Self.mismatch }
    }

    private func count(_ method: OutgoingMethod) async throws -> Int {
        guard case .method(.messageCount(let count)) = try await call(method) else { throw Self.mismatch }
        return count
    }
}
