internal import AMQP
internal import Distribution

/// Reads deliveries into the domain's messages. A message is never refused here: what is wrong with it travels along.
struct MessageDecoder: Sendable {
    func planMessage(_ delivery: Delivery) -> IncomingPlanMessage {
        let properties = delivery.properties
        return IncomingPlanMessage(
            routingKey: delivery.routingKey,
            body: delivery.body,
            messageID: properties.messageID,
            correlationID: properties.correlationID,
            replyTo: properties.replyTo.flatMap { Self.isDirectReply($0) ? $0 : nil },
            userID: properties.userID,
            contentType: properties.contentType,
            trace: Self.trace(properties.headers),
            isRedelivered: delivery.redelivered,
            settlement: ConsumedMessage(delivery)
        )
    }

    /// - Parameter queue: The target's queue that it came from, or that an orphan was meant for.
    func jobMessage(_ delivery: Delivery, from queue: TargetQueue?) -> IncomingJobMessage {
        let message = ConsumedMessage(delivery)
        let headers = JobHeaders(delivery.properties.headers)
        return IncomingJobMessage(
            queue: queue,
            claim: headers.claim(messageID: delivery.properties.messageID, queue: queue),
            contentType: delivery.properties.contentType ?? MessageConstant.bytes,
            body: delivery.body,
            trace: headers.trace,
            isRedelivered: delivery.redelivered,
            settlement: message,
            original: message,
            isDeadLetter: delivery.properties.headers[HeaderName.deadAt] != nil
        )
    }

    static func isDirectReply(_ address: String) -> Bool {
        address.hasPrefix(MessageConstant.directReplyPrefix)
    }

    private static func trace(_ headers: FieldTable) -> TraceContext? {
        guard let traceparent = headers[HeaderName.traceparent]?.stringValue else { return nil }
        return TraceContext(traceparent: traceparent, tracestate: headers[HeaderName.tracestate]?.stringValue)
    }
}
