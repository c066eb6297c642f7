import NIOCore

/// Answers as bytes on the wire; some of them are wrong on purpose, which no encoder would allow.
enum AnswerBytes {
    static func complete(
        _ status: Int, headers: [(String, String)] = [], body: some Collection<UInt8>, keepsAlive: Bool,
        _ allocator: ByteBufferAllocator
    ) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: 128 + body.count)
        writeHead(status, headers, length: body.count, keepsAlive: keepsAlive, into: &buffer)
        buffer.writeBytes(body)
        return buffer
    }

    /// 200 with `{"id":"…"}`; the id is written as it came where it needs no escape, else left out.
    static func accepted(_ deliveryID: String?, keepsAlive: Bool, _ allocator: ByteBufferAllocator) -> ByteBuffer {
        let id = deliveryID.flatMap { $0.utf8.allSatisfy(isPlain) ? $0 : nil } ?? ""
        let length = 9 + id.utf8.count
        var buffer = allocator.buffer(capacity: 96 + length)
        buffer.writeStaticString("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ")
        buffer.writeString(String(length))
        if !keepsAlive { buffer.writeStaticString("\r\nconnection: close") }
        buffer.writeStaticString("\r\n\r\n{\"id\":\"")
        buffer.writeString(id)
        buffer.writeStaticString("\"}")
        return buffer
    }

    static func writeHead(
        _ status: Int, _ headers: [(String, String)] = [], length: Int, keepsAlive: Bool, into buffer: inout ByteBuffer
    ) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeString(String(status))
        buffer.writeStaticString(" \r\n")
        for (name, value) in headers { buffer.writeString("\(name): \(value)\r\n") }
        // 204 and 304 have no body and, the first of them, no length either (RFC 9110, 8.6).
        if status != 204 && status != 304 { buffer.writeString("content-length: \(length)\r\n") }
        if !keepsAlive { buffer.writeStaticString("connection: close\r\n") }
        buffer.writeStaticString("\r\n")
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }
}
