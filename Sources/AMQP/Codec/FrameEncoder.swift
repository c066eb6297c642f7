internal import CRabbitMQ
internal import NIOCore

/// Writes frames: the payloads by librabbitmq, the envelopes by hand, because the library exports no function for them.
struct FrameEncoder {
    /// What every connection begins with.
    static let greeting: [UInt8] = Array("AMQP".utf8) + [0, 0, 9, 1]

    private static let frameEnd: UInt8 = 0xCE
    /// Type, channel and size before a payload, the end mark after it.
    private static let envelope = 8

    /// Agreed upon by `connection.tune`; until then the smallest that every peer must take.
    var frameMax = 4096
    let pool = EncodingPool()

    func writeHeartbeat(into buffer: inout ByteBuffer) {
        openFrame(UInt8(AMQP_FRAME_HEARTBEAT), channel: 0, into: &buffer)
        buffer.writeInteger(Self.frameEnd)
    }

    /// Writes `basic.publish`, the header and the body; on an error nothing is written.
    func write(_ message: OutgoingMessage, channel: UInt16, into buffer: inout ByteBuffer) throws(AMQPError) {
        defer { pool.recycle() }
        let start = buffer.writerIndex
        do throws(AMQPError) {
            var publish = amqp_basic_publish_t()
            publish.exchange = try pool.shortString(message.exchange)
            publish.routing_key = try pool.shortString(message.routingKey)
            publish.mandatory = message.isSentAsMandatory ? 1 : 0
            try writeMethod(AMQP_BASIC_PUBLISH_METHOD, &publish, channel: channel, into: &buffer)
            try writeHeader(message.properties, bodySize: message.body.count, channel: channel, into: &buffer)
        } catch {
            buffer.moveWriterIndex(to: start)
            throw error
        }
        writeBody(message.body, channel: channel, into: &buffer)
    }

    /// Writes the frame of a method whose C structure is given; on an error nothing is written.
    func writeMethod<Arguments>(
        _ id: UInt32, _ arguments: inout Arguments, channel: UInt16, into buffer: inout ByteBuffer
    ) throws(AMQPError) {
        let start = openFrame(UInt8(AMQP_FRAME_METHOD), channel: channel, into: &buffer)
        buffer.writeInteger(id)
        try withUnsafeMutablePointer(to: &arguments) { arguments throws(AMQPError) in
            try writePayload(from: start, into: &buffer) { amqp_encode_method(id, arguments, $0) }
        }
    }

    private func writeHeader(
        _ properties: MessageProperties, bodySize: Int, channel: UInt16, into buffer: inout ByteBuffer
    ) throws(AMQPError) {
        var raw = try properties.encodable(in: pool)
        let start = openFrame(UInt8(AMQP_FRAME_HEADER), channel: channel, into: &buffer)
        buffer.writeMultipleIntegers(UInt16(60), UInt16(0), UInt64(bodySize))
        try withUnsafeMutablePointer(to: &raw) { raw throws(AMQPError) in
            try writePayload(from: start, into: &buffer) { amqp_encode_properties(60, raw, $0) }
        }
    }

    private func writeBody(_ body: [UInt8], channel: UInt16, into buffer: inout ByteBuffer) {
        let fragment = frameMax - Self.envelope
        body.withUnsafeBytes { body in
            var offset = 0
            while offset < body.count {
                let chunk = UnsafeRawBufferPointer(rebasing: body[offset..<min(offset + fragment, body.count)])
                buffer.writeMultipleIntegers(UInt8(AMQP_FRAME_BODY), channel, UInt32(chunk.count))
                buffer.writeBytes(chunk)
                buffer.writeInteger(Self.frameEnd)
                offset += chunk.count
            }
        }
    }

    @discardableResult
    private func openFrame(_ type: UInt8, channel: UInt16, into buffer: inout ByteBuffer) -> Int {
        let start = buffer.writerIndex
        buffer.writeMultipleIntegers(type, channel, UInt32(0))
        return start
    }

    /// Lets librabbitmq append the payload of the frame begun at `start`, in as large a buffer as it takes, and ends it.
    private func writePayload(
        from start: Int, into buffer: inout ByteBuffer, _ encode: (amqp_bytes_t) -> Int32
    ) throws(AMQPError) {
        let limit = frameMax - Self.envelope - (buffer.writerIndex - start - 7)
        var room = min(512, limit)
        while true {
            var status: Int32 = 0
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: room) { memory in
                status = encode(amqp_bytes_t(len: min(memory.count, limit), bytes: memory.baseAddress))
                return Int(max(0, status))
            }
            if status >= 0 { break }
            guard room < limit else {
                buffer.moveWriterIndex(to: start)
                throw .notEncodable("the arguments or headers do not fit into a frame of \(frameMax) bytes")
            }
            room = min(room * 16, limit)
        }
        buffer.setInteger(UInt32(buffer.writerIndex - start - 7), at: start + 3)
        buffer.writeInteger(Self.frameEnd)
    }
}
