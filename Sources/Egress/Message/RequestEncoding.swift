internal import NIOCore

/// Writes a request as the bytes that travel, head and body in one buffer, and refuses what is not one request.
enum RequestEncoding {
    /// Fields that frame the message or belong to the connection, which are the client's own.
    private static let ownFields = [
        "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "upgrade", "te",
        "trailer", "expect",
    ]

    static func encode(_ request: OutboundRequest) throws(EgressError) -> ByteBuffer {
        guard isToken(request.method), request.method != "CONNECT" else {
            throw invalid("The request's method is not an HTTP method.")
        }
        guard request.connectTimeout > 0, request.totalTimeout > 0, request.maxResponseBytes >= 0 else {
            throw invalid("The timeouts must be positive, and the response's limit not negative.")
        }
        var buffer = ByteBuffer()
        buffer.reserveCapacity(headSize(request) + request.body.count)
        buffer.writeString(request.method)
        buffer.writeStaticString(" ")
        buffer.writeString(request.url.target)
        buffer.writeStaticString(" HTTP/1.1\r\nhost: ")
        buffer.writeString(request.url.authority)
        for (name, value) in request.headers {
            try check(name, value)
            buffer.writeStaticString("\r\n")
            buffer.writeString(name)
            buffer.writeStaticString(": ")
            buffer.writeString(value)
        }
        if !request.body.isEmpty || request.method == "POST" || request.method == "PUT" || request.method == "PATCH" {
            buffer.writeStaticString("\r\ncontent-length: ")
            buffer.writeString(String(request.body.count))
        }
        buffer.writeStaticString("\r\n\r\n")
        buffer.writeBytes(request.body)
        return buffer
    }

    private static func headSize(_ request: OutboundRequest) -> Int {
        request.headers.reduce(96 + request.url.target.utf8.count + request.url.authority.utf8.count) {
            $0 + $1.0.utf8.count + $1.1.utf8.count + 4
        }
    }

    private static func check(_ name: String, _ value: String) throws(EgressError) {
        guard isToken(name) else { throw invalid("A header's name is not a valid field name.") }
        guard !isOwnField(name) else {
            throw invalid("The header \(name.lowercased()) is set by the client itself.")
        }
        guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
            throw invalid("The value of the header \(name.lowercased()) contains a control character.")
        }
    }

    /// Compares without a lower-cased copy, as every header of every request comes by.
    private static func isOwnField(_ token: String) -> Bool {
        let length = token.utf8.count
        return ownFields.contains { field in
            field.utf8.count == length && field.utf8.elementsEqual(token.utf8) { $0 == $1 | 0x20 }
        }
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 < 128 && tokenBytes[Int($0)] }
    }

    private static let tokenBytes: [Bool] = (0..<128).map { byte in
        switch UInt8(byte) {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(UInt8(byte))
        }
    }

    private static func invalid(_ detail: String) -> EgressError {
        EgressError(.invalidRequest, phase: .resolve, requestState: .unsent, detail: detail)
    }
}
