internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// A checked and encoded request on its way to an event loop.
struct Submission: Sendable {
    typealias Completion = CheckedContinuation<Result<OutboundResponse, EgressError>, Never>

    let id: UInt64
    let url: OutboundURL
    let method: HTTPMethod
    let wire: ByteBuffer
    let key: PoolKey
    /// Nil for plain HTTP.
    let tls: NIOSSLContext?
    let connectTimeout: TimeAmount
    let deadline: NIODeadline
    let bodyLimit: Int

    init(_ request: OutboundRequest, id: UInt64) throws(EgressError) {
        self.id = id
        url = request.url
        wire = try RequestEncoding.encode(request)
        method = request.method == "POST" ? .POST : HTTPMethod(rawValue: request.method)
        bodyLimit = request.maxResponseBytes
        deadline = .now() + .milliseconds(Int64(request.totalTimeout))
        connectTimeout = .milliseconds(Int64(request.connectTimeout))
        guard url.scheme == .https else {
            tls = nil
            key = PoolKey(host: url.host, port: url.port, tlsProfile: nil)
            return
        }
        key = PoolKey(host: url.host, port: url.port, tlsProfile: request.tlsProfile.id)
        do {
            tls = try request.tlsProfile.context()
        } catch {
            throw EgressError(.tlsFailed, phase: .handshake, requestState: .unsent, detail: error.description)
        }
    }
}
