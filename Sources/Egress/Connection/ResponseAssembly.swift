internal import NIOCore
internal import NIOHTTP1

/// Puts one answer together from what the decoder yields, and decides when it is enough.
struct ResponseAssembly {
    enum Step {
        /// More is to come.
        case wait
        /// The answer is whole and the connection may carry another request if the flag says so.
        case complete(OutboundResponse, isReusable: Bool)
        /// More bytes came than a head may have: whatever this is, it is not an answer.
        case overflow
    }

    /// What heads (interim ones included) and the framing of a body may cost on the wire.
    private static let framingLimit = 128 * 1024

    private let bodyLimit: Int
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []
    private(set) var wireBytes = 0

    init(bodyLimit: Int) {
        self.bodyLimit = bodyLimit
    }

    var hasHead: Bool { head != nil }

    /// Counts bytes before they are decoded, so that endless interim answers and chunk extensions end somewhere.
    mutating func count(_ bytes: Int) -> Step {
        let limit = Self.framingLimit + (head == nil ? 0 : 2 * bodyLimit)
        // The whole read counts only afterwards: one read may bring a head and much of a large body.
        defer { wireBytes += bytes }
        guard wireBytes > limit else { return .wait }
        return head == nil ? .overflow : truncated()
    }

    mutating func receive(_ part: HTTPClientResponsePart) -> Step {
        switch part {
        case .head(let received):
            head = received
            // Nobody asked for an upgrade; what follows would not be HTTP.
            return received.status == .switchingProtocols ? finish(isTruncated: false, isReusable: false) : .wait
        case .body(let bytes):
            return append(bytes)
        case .end:
            return finish(isTruncated: false, isReusable: head?.isKeepAlive ?? false)
        }
    }

    /// The answer as far as it came.
    func truncated() -> Step { finish(isTruncated: true, isReusable: false) }

    /// Whether only the end of the connection ends the body (RFC 9112 §6.3), so that nothing tells a cut.
    var isDelimitedByClose: Bool {
        guard let head else { return false }
        return !head.headers.contains(name: "content-length") && !head.headers.contains(name: "transfer-encoding")
    }

    private mutating func append(_ bytes: ByteBuffer) -> Step {
        let room = bodyLimit - body.count
        body.append(contentsOf: bytes.readableBytesView.prefix(room))
        return bytes.readableBytes > room ? truncated() : .wait
    }

    private func finish(isTruncated: Bool, isReusable: Bool) -> Step {
        guard let head else { return .overflow }
        let response = OutboundResponse(
            status: Int(head.status.code), fields: head.headers, body: body, isBodyTruncated: isTruncated)
        return .complete(response, isReusable: isReusable)
    }
}
