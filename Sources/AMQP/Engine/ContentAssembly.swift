/// Puts the method, header and body frames of a message together. One for each channel.
struct ContentAssembly {
    /// The method that announced a message.
    enum Head: Sendable {
        case delivered(DeliverMethod)
        case fetched(DeliverMethod)
        case returned(ReturnMethod)
    }

    /// A whole message.
    struct Content: Sendable {
        let head: Head
        let properties: MessageProperties
        let body: [UInt8]
    }

    private enum State {
        case idle
        case awaitingHeader(Head)
        case awaitingBody(Head, MessageProperties, size: Int)
    }

    /// Above RabbitMQ's own limit, which has been 128 MiB at most: more is a broken stream, not a message.
    private static let largestBody: UInt64 = 512 << 20
    /// Memory is reserved on the header's word up to here; beyond, it grows with what really arrives.
    private static let largestReservation = 4 << 20

    private var state = State.idle
    private var body: [UInt8] = []

    var isIdle: Bool { if case .idle = state { true } else { false } }

    mutating func begin(_ head: Head) throws(AMQPError) {
        guard isIdle else { throw .protocolViolation("a message begins inside another") }
        state = .awaitingHeader(head)
    }

    /// Takes the header; returns the message if it has no body.
    mutating func header(size: UInt64, _ properties: MessageProperties) throws(AMQPError) -> Content? {
        guard case .awaitingHeader(let head) = state else { throw .protocolViolation("a header without a message") }
        guard size <= Self.largestBody else { throw .protocolViolation("a message of \(size) bytes") }
        guard size > 0 else {
            state = .idle
            return Content(head: head, properties: properties, body: [])
        }
        body = []
        body.reserveCapacity(min(Int(size), Self.largestReservation))
        state = .awaitingBody(head, properties, size: Int(size))
        return nil
    }

    /// Takes a piece of the body; returns the message if it is the last.
    mutating func body(_ bytes: UnsafeRawBufferPointer) throws(AMQPError) -> Content? {
        guard case .awaitingBody(let head, let properties, let size) = state else {
            throw .protocolViolation("a body without a message")
        }
        body.append(contentsOf: bytes)
        guard body.count <= size else { throw .protocolViolation("a body longer than announced") }
        guard body.count == size else { return nil }
        defer { body = [] }
        state = .idle
        return Content(head: head, properties: properties, body: body)
    }
}
