internal import CRabbitMQ
internal import NIOCore

extension FrameEncoder {
    /// Writes a method of the classes exchange and queue.
    func writeTopology(
        _ method: OutgoingMethod, channel: UInt16, into buffer: inout ByteBuffer
    ) throws(AMQPError) {
        func put<Arguments>(_ id: UInt32, _ arguments: Arguments) throws(AMQPError) {
            var arguments = arguments
            try writeMethod(id, &arguments, channel: channel, into: &buffer)
        }
        switch method {
        case .exchangeDeclare(let declaration):
            try put(AMQP_EXCHANGE_DECLARE_METHOD, try arguments(declaration))
        case .exchangeDelete(let name, let ifUnused):
            let arguments = amqp_exchange_delete_t(
                ticket: 0, exchange: try pool.shortString(name), if_unused: ifUnused ? 1 : 0, nowait: 0)
            try put(AMQP_EXCHANGE_DELETE_METHOD, arguments)
        case .exchangeBind(let binding): try put(AMQP_EXCHANGE_BIND_METHOD, try bindArguments(binding))
        case .exchangeUnbind(let binding):
            let bind = try bindArguments(binding)
            let arguments = amqp_exchange_unbind_t(
                ticket: 0, destination: bind.destination, source: bind.source, routing_key: bind.routing_key, nowait: 0,
                arguments: bind.arguments)
            try put(AMQP_EXCHANGE_UNBIND_METHOD, arguments)
        default: try writeQueueMethod(method, channel: channel, into: &buffer)
        }
    }

    private func writeQueueMethod(
        _ method: OutgoingMethod, channel: UInt16, into buffer: inout ByteBuffer
    ) throws(AMQPError) {
        func put<Arguments>(_ id: UInt32, _ arguments: Arguments) throws(AMQPError) {
            var arguments = arguments
            try writeMethod(id, &arguments, channel: channel, into: &buffer)
        }
        switch method {
        case .queueDeclare(let declaration): try put(AMQP_QUEUE_DECLARE_METHOD, try arguments(declaration))
        case .queueDelete(let name, let ifUnused, let ifEmpty):
            let arguments = amqp_queue_delete_t(
                ticket: 0, queue: try pool.shortString(name), if_unused: ifUnused ? 1 : 0, if_empty: ifEmpty ? 1 : 0,
                nowait: 0)
            try put(AMQP_QUEUE_DELETE_METHOD, arguments)
        case .queuePurge(let name):
            let arguments = amqp_queue_purge_t(ticket: 0, queue: try pool.shortString(name), nowait: 0)
            try put(AMQP_QUEUE_PURGE_METHOD, arguments)
        case .queueBind(let binding):
            let bind = try bindArguments(binding)
            let arguments = amqp_queue_bind_t(
                ticket: 0, queue: bind.destination, exchange: bind.source, routing_key: bind.routing_key, nowait: 0,
                arguments: bind.arguments)
            try put(AMQP_QUEUE_BIND_METHOD, arguments)
        case .queueUnbind(let binding):
            let bind = try bindArguments(binding)
            let arguments = amqp_queue_unbind_t(
                ticket: 0, queue: bind.destination, exchange: bind.source, routing_key: bind.routing_key,
                arguments: bind.arguments)
            try put(AMQP_QUEUE_UNBIND_METHOD, arguments)
        default: throw .notEncodable("the method is of another class")
        }
    }

    private func arguments(
        _ declaration: OutgoingMethod.ExchangeDeclaration
    ) throws(AMQPError) -> amqp_exchange_declare_t {
        amqp_exchange_declare_t(
            ticket: 0, exchange: try pool.shortString(declaration.name), type: try pool.shortString(declaration.type),
            passive: declaration.passive ? 1 : 0, durable: declaration.durable ? 1 : 0,
            auto_delete: declaration.autoDelete ? 1 : 0, internal: declaration.isInternal ? 1 : 0, nowait: 0,
            arguments: try pool.table(declaration.arguments))
    }

    private func arguments(_ declaration: OutgoingMethod.QueueDeclaration) throws(AMQPError) -> amqp_queue_declare_t {
        amqp_queue_declare_t(
            ticket: 0, queue: try pool.shortString(declaration.name), passive: declaration.passive ? 1 : 0,
            durable: declaration.durable ? 1 : 0, exclusive: declaration.exclusive ? 1 : 0,
            auto_delete: declaration.autoDelete ? 1 : 0, nowait: 0, arguments: try pool.table(declaration.arguments))
    }

    private func bindArguments(_ binding: OutgoingMethod.Binding) throws(AMQPError) -> amqp_exchange_bind_t {
        amqp_exchange_bind_t(
            ticket: 0, destination: try pool.shortString(binding.destination),
            source: try pool.shortString(binding.source), routing_key: try pool.shortString(binding.routingKey),
            nowait: 0, arguments: try pool.table(binding.arguments))
    }
}
