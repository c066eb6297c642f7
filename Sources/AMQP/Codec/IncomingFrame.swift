/// One decoded frame.
enum IncomingFrame {
    case method(IncomingMethod)
    case header(bodySize: UInt64, properties: MessageProperties)
    /// Valid only until the visitor returns.
    case body(UnsafeRawBufferPointer)
    case heartbeat
}
