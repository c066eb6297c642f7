internal import CRabbitMQ

/// Memory for what librabbitmq's encoder points to, valid until the next `recycle`.
///
/// Wraps the library's pool allocator: a frame costs no `malloc` once the first page is there.
final class EncodingPool {
    private let pool: UnsafeMutablePointer<amqp_pool_t>

    init() {
        pool = .allocate(capacity: 1)
        pool.initialize(to: amqp_pool_t())
        init_amqp_pool(pool, 16_384)
    }

    deinit {
        empty_amqp_pool(pool)
        pool.deallocate()
    }

    func recycle() {
        recycle_amqp_pool(pool)
    }

    /// A name of at most 255 bytes. librabbitmq would silently cut the length of a longer one to its lowest byte.
    func shortString(_ text: String) throws(AMQPError) -> amqp_bytes_t {
        let bytes = try longString(text)
        guard bytes.len <= 255 else {
            throw .notEncodable("a name or property of \(bytes.len) bytes, where 255 are the most: \(text.prefix(40))…")
        }
        return bytes
    }

    func longString(_ text: String) throws(AMQPError) -> amqp_bytes_t {
        var text = text
        var result: amqp_bytes_t?
        text.withUTF8 { result = copy(UnsafeRawBufferPointer($0)) }
        return try Self.checked(result)
    }

    func bytes(_ bytes: [UInt8]) throws(AMQPError) -> amqp_bytes_t {
        var result: amqp_bytes_t?
        bytes.withUnsafeBytes { result = copy($0) }
        return try Self.checked(result)
    }

    /// Room for that many values; initialize every one.
    func allocate<Value>(_ count: Int, of type: Value.Type) throws(AMQPError) -> UnsafeMutablePointer<Value> {
        let memory = amqp_pool_alloc(pool, count * MemoryLayout<Value>.stride)
        return try Self.checked(memory).bindMemory(to: type, capacity: count)
    }

    private func copy(_ source: UnsafeRawBufferPointer) -> amqp_bytes_t? {
        guard let base = source.baseAddress, !source.isEmpty else { return amqp_empty_bytes }
        guard let memory = amqp_pool_alloc(pool, source.count) else { return nil }
        memory.copyMemory(from: base, byteCount: source.count)
        return amqp_bytes_t(len: source.count, bytes: memory)
    }

    private static func checked<Value>(_ value: Value?) throws(AMQPError) -> Value {
        guard let value else { throw .notEncodable("there is no memory left for a frame") }
        return value
    }
}
