internal import CRabbitMQ
internal import NIOCore

extension FrameEncoder {
    /// Writes the frame of a method; on an error nothing is written.
    func write(_ method: OutgoingMethod, channel: UInt16, into buffer: inout ByteBuffer) throws(AMQPError) {
        defer { pool.recycle() }
        func put<Arguments>(_ id: UInt32, _ arguments: Arguments) throws(AMQPError) {
            var arguments = arguments
            try writeMethod(id, &arguments, channel: channel, into: &buffer)
        }
        switch method {
        case .ack(let tag, let multiple):
            try put(AMQP_BASIC_ACK_METHOD, amqp_basic_ack_t(delivery_tag: tag, multiple: multiple ? 1 : 0))
        case .nack(let tag, let requeue):
            let arguments = amqp_basic_nack_t(delivery_tag: tag, multiple: 0, requeue: requeue ? 1 : 0)
            try put(AMQP_BASIC_NACK_METHOD, arguments)
        case .qos(let prefetch):
            let arguments = amqp_basic_qos_t(prefetch_size: 0, prefetch_count: prefetch, global: 0)
            try put(AMQP_BASIC_QOS_METHOD, arguments)
        case .consume(let consumer): try put(AMQP_BASIC_CONSUME_METHOD, try arguments(consumer))
        case .cancel(let tag):
            try put(AMQP_BASIC_CANCEL_METHOD, amqp_basic_cancel_t(consumer_tag: try pool.shortString(tag), nowait: 0))
        case .get(let queue, let noAck):
            let arguments = amqp_basic_get_t(ticket: 0, queue: try pool.shortString(queue), no_ack: noAck ? 1 : 0)
            try put(AMQP_BASIC_GET_METHOD, arguments)
        case .confirmSelect: try put(AMQP_CONFIRM_SELECT_METHOD, amqp_confirm_select_t(nowait: 0))
        case .channelOpen: try put(AMQP_CHANNEL_OPEN_METHOD, amqp_channel_open_t(out_of_band: amqp_empty_bytes))
        case .channelClose:
            let text = try pool.shortString("done")
            let arguments = amqp_channel_close_t(reply_code: 200, reply_text: text, class_id: 0, method_id: 0)
            try put(AMQP_CHANNEL_CLOSE_METHOD, arguments)
        case .channelCloseOk: try put(AMQP_CHANNEL_CLOSE_OK_METHOD, amqp_channel_close_ok_t())
        case .channelFlowOk(let active):
            try put(AMQP_CHANNEL_FLOW_OK_METHOD, amqp_channel_flow_ok_t(active: active ? 1 : 0))
        case .exchangeDeclare, .exchangeDelete, .exchangeBind, .exchangeUnbind, .queueDeclare, .queueDelete,
            .queuePurge, .queueBind, .queueUnbind:
            try writeTopology(method, channel: channel, into: &buffer)
        case .startOk, .tuneOk, .open, .close, .closeOk:
            try writeConnection(method, into: &buffer)
        }
    }

    private func arguments(_ consumer: ConsumerSpecification) throws(AMQPError) -> amqp_basic_consume_t {
        amqp_basic_consume_t(
            ticket: 0, queue: try pool.shortString(consumer.queue),
            consumer_tag: try pool.shortString(consumer.consumerTag), no_local: 0, no_ack: consumer.noAck ? 1 : 0,
            exclusive: consumer.exclusive ? 1 : 0, nowait: 0, arguments: amqp_empty_table)
    }

    private func writeConnection(_ method: OutgoingMethod, into buffer: inout ByteBuffer) throws(AMQPError) {
        func put<Arguments>(_ id: UInt32, _ arguments: Arguments) throws(AMQPError) {
            var arguments = arguments
            try writeMethod(id, &arguments, channel: 0, into: &buffer)
        }
        switch method {
        case .startOk(let clientProperties, let mechanism, let response):
            let arguments = amqp_connection_start_ok_t(
                client_properties: try pool.table(clientProperties), mechanism: try pool.shortString(mechanism),
                response: try pool.bytes(response), locale: try pool.shortString("en_US"))
            try put(AMQP_CONNECTION_START_OK_METHOD, arguments)
        case .tuneOk(let channelMax, let frameMax, let heartbeat):
            let arguments = amqp_connection_tune_ok_t(
                channel_max: channelMax, frame_max: frameMax, heartbeat: heartbeat)
            try put(AMQP_CONNECTION_TUNE_OK_METHOD, arguments)
        case .open(let virtualHost):
            let arguments = amqp_connection_open_t(
                virtual_host: try pool.shortString(virtualHost), capabilities: amqp_empty_bytes, insist: 0)
            try put(AMQP_CONNECTION_OPEN_METHOD, arguments)
        case .close(let code, let text):
            let text = try pool.shortString(text)
            let arguments = amqp_connection_close_t(reply_code: code, reply_text: text, class_id: 0, method_id: 0)
            try put(AMQP_CONNECTION_CLOSE_METHOD, arguments)
        default: try put(AMQP_CONNECTION_CLOSE_OK_METHOD, amqp_connection_close_ok_t())
        }
    }
}
