import NIOCore
import Testing

@testable import Egress

/// What lets tests reach their own servers.
func loopbackPolicy() throws -> AddressPolicy { AddressPolicy(allowed: [try CIDR("127.0.0.0/8"), try CIDR("::1")]) }

/// Runs the body with a client that is shut down afterwards.
func withClient<Result>(
    policy: AddressPolicy? = nil, lookup: NameResolver.Lookup? = nil,
    configure: (inout OutboundClientConfiguration) -> Void = { _ in },
    _ body: (OutboundClient) async throws -> Result
) async throws -> Result {
    var configuration = OutboundClientConfiguration(policy: try policy ?? loopbackPolicy(), resolverThreads: 8)
    configure(&configuration)
    let resolver = NameResolver(configuration: configuration, lookup: lookup ?? SystemLookup.addresses)
    let client = OutboundClient(configuration: configuration, resolver: resolver, eventLoopGroup: nil)
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

extension OutboundClient {
    func post(
        _ url: String, body: [UInt8] = Array("{}".utf8), headers: [(String, String)] = [],
        connectTimeout: Int = 5_000, totalTimeout: Int = 15_000, tls: TLSProfile = .system, cap: Int = 65_536,
        method: String = "POST"
    ) async throws -> OutboundResponse {
        try await send(
            OutboundRequest(
                method: method, url: OutboundURL(url), headers: headers, body: body, connectTimeout: connectTimeout,
                totalTimeout: totalTimeout, tlsProfile: tls, maxResponseBytes: cap))
    }

    /// The error of a request that must fail.
    func failure(
        _ url: String, body: [UInt8] = Array("{}".utf8), headers: [(String, String)] = [],
        connectTimeout: Int = 5_000, totalTimeout: Int = 15_000, tls: TLSProfile = .system,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> EgressError {
        try await #require(throws: EgressError.self, sourceLocation: sourceLocation) {
            _ = try await self.post(
                url, body: body, headers: headers, connectTimeout: connectTimeout, totalTimeout: totalTimeout,
                tls: tls)
        }
    }
}
