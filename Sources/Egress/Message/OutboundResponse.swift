internal import NIOHTTP1

/// The final answer to a request; interim (1xx) answers are dropped.
package struct OutboundResponse: Sendable {
    package let status: Int
    /// At most ``OutboundRequest/maxResponseBytes`` bytes, as they came: never decompressed.
    package let body: [UInt8]
    /// Whether the body went on beyond the cap, or its end could not be told from a cut (close-delimited over TLS
    /// without `close_notify`).
    package let isBodyTruncated: Bool

    private let fields: HTTPHeaders

    init(status: Int, fields: HTTPHeaders, body: [UInt8], isBodyTruncated: Bool) {
        self.status = status
        self.fields = fields
        self.body = body
        self.isBodyTruncated = isBodyTruncated
    }

    /// All fields in the order in which they came, names as the server wrote them.
    package var headers: [(name: String, value: String)] { fields.map { (name: $0.name, value: $0.value) } }

    /// The first field of that name, whatever its case.
    package func header(_ name: String) -> String? { fields.first(name: name) }
}
