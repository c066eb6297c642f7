internal import CRabbitMQ

/// Turns the bytes of one connection into frames, by librabbitmq. Partial frames are kept inside.
final class FrameDecoder {
    private let state: amqp_connection_state_t
    private var texts = RecurringTexts()

    init() throws(AMQPError) {
        guard let state = amqp_new_connection() else { throw .protocolViolation("no memory for a frame decoder") }
        self.state = state
    }

    deinit {
        amqp_destroy_connection(state)
    }

    /// Bytes of a frame at most, whatever frames were agreed upon.
    ///
    /// RabbitMQ cuts only bodies to it. A header comes in one frame, as long as its publisher had agreed upon and longer
    /// by what was added on the way; one that is not taken comes again on the next connection. librabbitmq goes as deep
    /// on the stack as the header's tables are nested, which is why this is not larger still.
    private static let maximumFrame: Int32 = 131_072 + 65_536

    /// Sets the limits once both sides have agreed. To be called by the visitor of `connection.tune` and nowhere else:
    /// librabbitmq aborts the process before the first frame and in the middle of one.
    func tune(channelMax: UInt16) throws(AMQPError) {
        let status = amqp_tune_connection(state, Int32(channelMax), Self.maximumFrame, 0)
        guard status == AMQP_STATUS_OK.rawValue else { throw Self.error(status) }
    }

    /// Hands every complete frame to the visitor; what it throws ends the decoding, and this decoder with it.
    func decode(
        _ input: UnsafeRawBufferPointer,
        visit: (_ channel: UInt16, _ frame: IncomingFrame) throws(AMQPError) -> Void
    ) throws(AMQPError) {
        var rest = input
        while let start = rest.baseAddress, !rest.isEmpty {
            var frame = amqp_frame_t()
            // The library declares the input mutable but only reads it.
            let received = amqp_bytes_t(len: rest.count, bytes: UnsafeMutableRawPointer(mutating: start))
            let consumed = amqp_handle_input(state, received, &frame)
            guard consumed >= 0 else { throw Self.error(consumed) }
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(Int(consumed)))
            if frame.frame_type != 0 {
                try visit(frame.channel, decoded(frame))
                // Per frame, not per read: the pools would otherwise grow to the size of the read.
                amqp_maybe_release_buffers_on_channel(state, frame.channel)
            } else if consumed == 0 {
                throw .protocolViolation("a frame makes no progress")
            }
        }
    }

    private func decoded(_ frame: amqp_frame_t) throws(AMQPError) -> IncomingFrame {
        switch Int32(frame.frame_type) {
        case AMQP_FRAME_METHOD:
            return .method(try IncomingMethod(frame.payload.method, reusing: &texts))
        case AMQP_FRAME_HEADER:
            let header = frame.payload.properties
            guard header.class_id == 60, let decoded = header.decoded else {
                throw .protocolViolation("a content header of class \(header.class_id)")
            }
            let raw = decoded.load(as: amqp_basic_properties_t.self)
            let properties = MessageProperties(raw, reusing: &texts)
            return .header(bodySize: header.body_size, properties: properties)
        case AMQP_FRAME_BODY:
            let fragment = frame.payload.body_fragment
            return .body(UnsafeRawBufferPointer(start: fragment.bytes, count: fragment.len))
        case AMQP_FRAME_HEARTBEAT:
            return .heartbeat
        case 0x41:  // A protocol header: the broker answers our greeting with the version it would rather speak.
            throw .protocolViolation("it speaks another version of AMQP")
        default:
            throw .protocolViolation("a frame of type \(frame.frame_type)")
        }
    }

    private static func error(_ status: Int32) -> AMQPError {
        .protocolViolation(amqp_error_string2(status).map { String(cString: $0) } ?? "status \(status)")
    }
}
