/// One HTTP/1.1 request, whole in memory.
///
/// `host` and `content-length` are written by the client and refused in `headers`, like `connection` and
/// `transfer-encoding`. Nothing is checked here: ``OutboundClient/send(_:)`` refuses a method, name or value that
/// would not be exactly one field on the wire (RFC 9110 §5, §9) before anything leaves.
package struct OutboundRequest: Sendable {
    package var method: String
    package var url: OutboundURL
    package var headers: [(String, String)]
    package var body: [UInt8]
    /// Milliseconds for look-up, connect and TLS handshake together.
    package var connectTimeout: Int
    /// Milliseconds from the call to the last byte of the answer.
    package var totalTimeout: Int
    package var tlsProfile: TLSProfile
    /// How much of the answer's body is kept, in bytes; the rest is not read.
    package var maxResponseBytes: Int

    package init(
        method: String = "POST", url: OutboundURL, headers: [(String, String)] = [], body: [UInt8] = [],
        connectTimeout: Int = 5_000, totalTimeout: Int = 15_000, tlsProfile: TLSProfile = .system,
        maxResponseBytes: Int = 65_536
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.connectTimeout = connectTimeout
        self.totalTimeout = totalTimeout
        self.tlsProfile = tlsProfile
        self.maxResponseBytes = maxResponseBytes
    }
}
