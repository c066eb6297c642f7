package import AMQP
internal import Distribution

extension Topology {
    /// Declares every exchange, queue and binding; what exists already stays as it is.
    ///
    /// - Throws: `AMQPError.channelClosed` with 406 where something exists with other settings (drift: an operator has
    ///   to remove or migrate it), with 403 where the user may not declare.
    package func declare(on channel: Channel) async throws {
        for exchange in exchanges {
            try await channel.declareExchange(
                name: exchange.name, type: exchange.kind.rawValue, arguments: exchange.arguments)
        }
        for queue in queues {
            _ = try await channel.declareQueue(name: queue.name, arguments: queue.arguments)
        }
        for binding in bindings { try await declare(binding, on: channel) }
    }

    /// Declares queues and their bindings, and nothing else, so that what else is missing is not hidden from who looks for
    /// it; everything where an exchange is missing.
    func declare(queuesNamed names: [String], over connection: Connection) async throws {
        do {
            try await connection.withChannel { channel in
                for queue in queues where names.contains(queue.name) {
                    _ = try await channel.declareQueue(name: queue.name, arguments: queue.arguments)
                    for binding in bindings where binding.destination == .queue(queue.name) {
                        try await declare(binding, on: channel)
                    }
                }
            }
        } catch let error as AMQPError where error.isNotFound {
            try await connection.withChannel { try await declare(on: $0) }
        }
    }

    private func declare(_ binding: BindingDescription, on channel: Channel) async throws {
        switch binding.destination {
        case .queue(let queue):
            try await channel.bindQueue(
                queue: queue, exchange: binding.source, routingKey: binding.routingKey,
                arguments: binding.arguments)
        case .exchange(let exchange):
            try await channel.bindExchange(
                destination: exchange, source: binding.source, routingKey: binding.routingKey,
                arguments: binding.arguments)
        }
    }

    /// Declares a target's queue and binds it to the jobs.
    func declare(_ queue: TargetQueue, named name: String, on channel: Channel) async throws {
        _ = try await channel.declareQueue(name: name, arguments: Self.arguments(of: queue.type))
        try await channel.bindQueue(queue: name, exchange: names.jobs, routingKey: JobRoutingKey(queue).text)
    }
}
