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
        for (name, value) in request.headers { try check(name, value) }
        let length = hasLength(request) ? String(request.body.count) : nil
        var buffer = ByteBuffer()
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: largestSize(request)) { bytes in
            var writer = ByteWriter(bytes)
            writer.write(request.method)
            writer.write(" ")
            writer.write(request.url.target)
            writer.write(" HTTP/1.1\r\nhost: ")
            writer.write(request.url.authority)
            for (name, value) in request.headers {
                writer.write("\r\n")
                writer.write(name)
                writer.write(": ")
                writer.write(value)
            }
            if let length {
                writer.write("\r\ncontent-length: ")
                writer.write(length)
            }
            writer.write("\r\n\r\n")
            request.body.withUnsafeBytes { writer.write($0) }
            return writer.count
        }
        return buffer
    }

    private static func hasLength(_ request: OutboundRequest) -> Bool {
        !request.body.isEmpty || request.method == "POST" || request.method == "PUT" || request.method == "PATCH"
    }

    /// No less than the bytes of the request; the fixed parts are shorter than 96.
    private static func largestSize(_ request: OutboundRequest) -> Int {
        let line = request.method.utf8.count + request.url.target.utf8.count + request.url.authority.utf8.count
        return request.headers.reduce(96 + line + request.body.count) { $0 + $1.0.utf8.count + $1.1.utf8.count + 4 }
    }

    private static func check(_ name: String, _ value: String) throws(EgressError) {
        guard isToken(name) else { throw invalid("A header's name is not a valid field name.") }
        guard !isOwnField(name) else {
            throw invalid("The header \(name.lowercased()) is set by the client itself.")
        }
        guard value.withBytes({ $0.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 } }) else {
            throw invalid("The value of the header \(name.lowercased()) contains a control character.")
        }
    }

    /// Compares without a lower-cased copy, as every header of every request comes by.
    private static func isOwnField(_ token: String) -> Bool {
        token.withBytes { bytes in
            ownFields.contains { field in
                field.utf8.count == bytes.count && field.utf8.elementsEqual(bytes) { $0 == $1 | 0x20 }
            }
        }
    }

    /// RFC 9110 §5.6.2.
    private static func isToken(_ text: String) -> Bool {
        !text.isEmpty && text.withBytes { $0.allSatisfy { $0 < 128 && tokenBytes[Int($0)] } }
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

extension String {
    /// The UTF-8 bytes in one piece, which is several times faster to walk over than the view.
    fileprivate func withBytes<Result>(_ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        utf8.withContiguousStorageIfAvailable(body) ?? Array(utf8).withUnsafeBufferPointer(body)
    }
}

/// Fills memory of sufficient size from the front.
private struct ByteWriter {
    private let bytes: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ bytes: UnsafeMutableRawBufferPointer) {
        self.bytes = bytes
    }

    mutating func write(_ piece: UnsafeRawBufferPointer) {
        UnsafeMutableRawBufferPointer(rebasing: bytes[count...]).copyMemory(from: piece)
        count += piece.count
    }

    mutating func write(_ text: String) {
        text.withBytes { write(UnsafeRawBufferPointer($0)) }
    }

    mutating func write(_ text: StaticString) {
        write(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
