internal import CRabbitMQ

extension IncomingMethod {
    init(_ method: amqp_method_t, reusing texts: inout RecurringTexts) throws(AMQPError) {
        guard let decoded = method.decoded else {
            throw .protocolViolation("a method without content")
        }
        switch method.id {
        case AMQP_BASIC_DELIVER_METHOD:
            let raw = decoded.load(as: amqp_basic_deliver_t.self)
            self = .deliver(
                DeliverMethod(
                    consumerTag: texts.consumerTag.read(raw.consumer_tag), tag: raw.delivery_tag,
                    redelivered: raw.redelivered != 0, exchange: texts.exchange.read(raw.exchange),
                    routingKey: String(raw.routing_key)))
        case AMQP_BASIC_ACK_METHOD:
            let raw = decoded.load(as: amqp_basic_ack_t.self)
            self = .ack(tag: raw.delivery_tag, multiple: raw.multiple != 0)
        case AMQP_BASIC_NACK_METHOD:
            let raw = decoded.load(as: amqp_basic_nack_t.self)
            self = .nack(tag: raw.delivery_tag, multiple: raw.multiple != 0)
        case AMQP_BASIC_RETURN_METHOD:
            let raw = decoded.load(as: amqp_basic_return_t.self)
            self = .basicReturn(
                ReturnMethod(
                    code: Int(raw.reply_code), text: String(raw.reply_text), exchange: String(raw.exchange),
                    routingKey: String(raw.routing_key)))
        case AMQP_BASIC_CANCEL_METHOD:
            self = .cancel(consumerTag: String(decoded.load(as: amqp_basic_cancel_t.self).consumer_tag))
        case AMQP_BASIC_GET_OK_METHOD:
            let raw = decoded.load(as: amqp_basic_get_ok_t.self)
            self = .getOk(
                DeliverMethod(
                    consumerTag: "", tag: raw.delivery_tag, redelivered: raw.redelivered != 0,
                    exchange: String(raw.exchange), routingKey: String(raw.routing_key)))
        case AMQP_BASIC_GET_EMPTY_METHOD: self = .getEmpty
        case AMQP_BASIC_CONSUME_OK_METHOD: self = .consumeOk
        case AMQP_BASIC_CANCEL_OK_METHOD: self = .cancelOk
        default: self = Self.ofOtherClass(method.id, decoded)
        }
    }

    private static func ofOtherClass(_ id: UInt32, _ decoded: UnsafeMutableRawPointer) -> Self {
        switch id {
        case AMQP_QUEUE_DECLARE_OK_METHOD:
            let raw = decoded.load(as: amqp_queue_declare_ok_t.self)
            return .queueDeclareOk(
                QueueInfo(
                    name: String(raw.queue), messageCount: Int(raw.message_count),
                    consumerCount: Int(raw.consumer_count)))
        case AMQP_QUEUE_PURGE_OK_METHOD:
            return .messageCount(Int(decoded.load(as: amqp_queue_purge_ok_t.self).message_count))
        case AMQP_QUEUE_DELETE_OK_METHOD:
            return .messageCount(Int(decoded.load(as: amqp_queue_delete_ok_t.self).message_count))
        case AMQP_QUEUE_BIND_OK_METHOD, AMQP_QUEUE_UNBIND_OK_METHOD, AMQP_EXCHANGE_DECLARE_OK_METHOD,
            AMQP_EXCHANGE_DELETE_OK_METHOD, AMQP_EXCHANGE_BIND_OK_METHOD, AMQP_EXCHANGE_UNBIND_OK_METHOD,
            AMQP_BASIC_QOS_OK_METHOD, AMQP_CONFIRM_SELECT_OK_METHOD:
            return .done
        case AMQP_CHANNEL_OPEN_OK_METHOD: return .channelOpenOk
        case AMQP_CHANNEL_CLOSE_OK_METHOD: return .channelCloseOk
        case AMQP_CHANNEL_FLOW_METHOD:
            return .channelFlow(active: decoded.load(as: amqp_channel_flow_t.self).active != 0)
        case AMQP_CHANNEL_CLOSE_METHOD:
            let raw = decoded.load(as: amqp_channel_close_t.self)
            return .channelClose(
                BrokerClosure(
                    code: Int(raw.reply_code), text: String(raw.reply_text), classID: raw.class_id,
                    methodID: raw.method_id))
        default: return ofConnectionClass(id, decoded)
        }
    }

    private static func ofConnectionClass(_ id: UInt32, _ decoded: UnsafeMutableRawPointer) -> Self {
        switch id {
        case AMQP_CONNECTION_START_METHOD:
            return .start(mechanisms: String(decoded.load(as: amqp_connection_start_t.self).mechanisms))
        case AMQP_CONNECTION_SECURE_METHOD: return .secure
        case AMQP_CONNECTION_TUNE_METHOD:
            let raw = decoded.load(as: amqp_connection_tune_t.self)
            return .tune(channelMax: raw.channel_max, frameMax: raw.frame_max, heartbeat: raw.heartbeat)
        case AMQP_CONNECTION_OPEN_OK_METHOD: return .openOk
        case AMQP_CONNECTION_CLOSE_METHOD:
            let raw = decoded.load(as: amqp_connection_close_t.self)
            return .close(
                BrokerClosure(
                    code: Int(raw.reply_code), text: String(raw.reply_text), classID: raw.class_id,
                    methodID: raw.method_id))
        case AMQP_CONNECTION_CLOSE_OK_METHOD: return .closeOk
        case AMQP_CONNECTION_BLOCKED_METHOD:
            return .blocked(reason: String(decoded.load(as: amqp_connection_blocked_t.self).reason))
        case AMQP_CONNECTION_UNBLOCKED_METHOD: return .unblocked
        default: return .unknown(id: id)
        }
    }
}
