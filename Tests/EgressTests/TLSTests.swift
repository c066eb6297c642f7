import NIOCore
import NIOSSL
import Testing

@testable import Egress

@Suite("TLS", .timeLimit(.minutes(1)))
struct TLSTests {
    private let certificates: Certificates

    init() throws {
        certificates = try Certificates.shared.get()
    }

    private func profile(client: Certificates.Identity? = nil) throws -> TLSProfile {
        try TLSProfile(
            TLSMaterial(
                trustRootsPEM: certificates.authority, certificateChainPEM: client?.chain, privateKeyPEM: client?.key))
    }

    /// Runs the body against a TLS server that is reachable as any name.
    private func withTLS(
        _ script: ServerScript = .ok, _ identity: Certificates.Identity? = nil, clientAuthority: [UInt8]? = nil,
        _ body: (TestServer, OutboundClient) async throws -> Void
    ) async throws {
        let context = try certificates.serverContext(
            identity ?? certificates.valid, clientAuthority: clientAuthority)
        try await withServer(script, tls: context) { server in
            try await withClient(lookup: LookupScript.loopback().lookup) { client in try await body(server, client) }
        }
    }

    @Test("a certificate for the name or the address is accepted, and the connection kept")
    func accepts() async throws {
        try await withTLS { server, client in
            let profile = try profile()
            for host in ["valid.example", "127.0.0.1", "valid.example", "127.0.0.1"] {
                let answer = try await client.post(server.url(host: host), tls: profile)
                #expect(answer.body == Array("ok".utf8))
            }
            #expect(server.seen.opened == 2)
        }
    }

    @Test("an authority that is not trusted is refused before the request leaves")
    func wrongAuthority() async throws {
        try await withTLS { server, client in
            let other = try TLSProfile(TLSMaterial(trustRootsPEM: certificates.otherAuthority))
            for profile in [other, .system] {
                let error = try await client.failure(server.url(host: "valid.example"), tls: profile)
                #expect(error.code == .tlsFailed)
                #expect(error.phase == .handshake)
                #expect(error.requestState == .unsent)
                #expect(error.detail.contains("certificate verify failed"), "\(error)")
            }
            #expect(server.seen.heads.isEmpty)
        }
    }

    @Test("a certificate for another name or address is refused", arguments: ["other.example", "a.valid.example"])
    func wrongName(host: String) async throws {
        try await withTLS { server, client in
            let error = try await client.failure(server.url(host: host), tls: try profile())
            #expect(error.code == .tlsFailed)
            #expect(error.detail.contains("another host"), "\(error)")
            #expect(error.requestState == .unsent)
            #expect(server.seen.heads.isEmpty)
        }
    }

    @Test("an expired certificate is refused")
    func expired() async throws {
        try await withTLS(.ok, certificates.expired) { server, client in
            let error = try await client.failure(server.url(host: "valid.example"), tls: try profile())
            #expect(error.code == .tlsFailed)
            #expect(server.seen.heads.isEmpty)
        }
    }

    @Test("a server that speaks no TLS fails the handshake")
    func plainServer() async throws {
        try await withServer(ServerScript(.connection) { _, _ in [.send("HTTP/1.1 400 Bad Request\r\n\r\n")] }) {
            server in
            try await withClient { client in
                let error = try await client.failure("https://127.0.0.1:\(server.port)/", tls: try profile())
                #expect(error.code == .tlsFailed)
                #expect(error.phase == .handshake)
                #expect(error.requestState == .unsent)
            }
        }
    }

    @Test(
        "a server that hangs up during the handshake leaves the request unsent",
        arguments: [ServerAction.close, .reset])
    func closedHandshake(ending: ServerAction) async throws {
        try await withServer(ServerScript(.connection) { _, _ in [ending] }) { server in
            try await withClient { client in
                let error = try await client.failure("https://127.0.0.1:\(server.port)/", tls: try profile())
                #expect([.tlsFailed, .connectionReset, .connectFailed].contains(error.code), "\(error)")
                #expect(error.requestState == .unsent)
            }
        }
    }

    @Test("a client certificate is shown where it is asked for")
    func mutualTLS() async throws {
        try await withTLS(clientAuthority: certificates.authority) { server, client in
            let answer = try await client.post(
                server.url(host: "valid.example"), tls: try profile(client: certificates.client))
            #expect(answer.status == 200)
            let error = try await client.failure(server.url(host: "valid.example"), tls: try profile())
            #expect(error.code == .tlsFailed || error.code == .connectionReset, "\(error)")
            #expect(server.seen.heads.count == 1)
        }
    }

    @Test("two identities never share a connection")
    func profilesApart() async throws {
        try await withTLS { server, client in
            let profiles = [try profile(), try profile(client: certificates.client)]
            for profile in profiles + profiles {
                _ = try await client.post(server.url(host: "valid.example"), tls: profile)
            }
            #expect(server.seen.opened == 2)
        }
    }

    @Test("bytes behind an answer and the idle race are the same over TLS")
    func reuse() async throws {
        let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
        let script = ServerScript { request, connection in
            switch (connection, request) {
            case (1, _): [.send(ok + "HTTP/1.1 200")]
            case (2, 2): [.reset]
            default: [.send(ok)]
            }
        }
        try await withTLS(script) { server, client in
            let profile = try profile()
            for _ in 1...3 {
                let answer = try await client.post(server.url(host: "valid.example"), tls: profile)
                #expect(answer.body == Array("ok".utf8))
            }
            #expect(server.seen.opened == 3)
        }
    }

    @Test("a close-delimited body that a cut could have shortened is marked", arguments: [true, false])
    func uncleanEnd(isCut: Bool) async throws {
        let script = ServerScript.always(.send("HTTP/1.1 200 OK\r\n\r\nold"), isCut ? .cut : .close)
        try await withTLS(script) { server, client in
            let answer = try await client.post(server.url(host: "valid.example"), tls: try profile())
            #expect(answer.body == Array("old".utf8))
            #expect(answer.isBodyTruncated == isCut)
        }
    }

    @Test("a large answer over TLS is cut and its connection dropped at once")
    func largeBody() async throws {
        let script = ServerScript.always(
            .send("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n"), .sendFiller(10_000_000))
        try await withTLS(script) { server, client in
            let answer = try await client.post(server.url(host: "valid.example"), tls: try profile(), cap: 1_000)
            #expect(answer.body.count == 1_000)
            #expect(answer.isBodyTruncated)
            await server.log.wait { $0.closed == 1 }
        }
    }

    @Test("material that is no identity is refused with a reason")
    func badMaterial() {
        let identity = certificates.client
        #expect(throws: TLSProfileError.invalidTrustRoots) { try TLSProfile(TLSMaterial(trustRootsPEM: [1, 2])) }
        #expect(throws: TLSProfileError.incompleteIdentity) {
            try TLSProfile(TLSMaterial(certificateChainPEM: identity.chain))
        }
        #expect(throws: TLSProfileError.invalidPrivateKey) {
            try TLSProfile(TLSMaterial(certificateChainPEM: identity.chain, privateKeyPEM: identity.chain))
        }
        #expect(throws: TLSProfileError.refused) {
            try TLSProfile(TLSMaterial(certificateChainPEM: identity.chain, privateKeyPEM: certificates.valid.key))
        }
    }

    @Test("the cache hands out one profile per material, the least recently used one leaving first")
    func cache() throws {
        let cache = TLSProfileCache(capacity: 2)
        let roots = [
            certificates.authority, certificates.otherAuthority, certificates.authority + certificates.otherAuthority,
        ]
        let materials = roots.map { TLSMaterial(trustRootsPEM: $0) }
        let first = try cache.profile(for: materials[0])
        let second = try cache.profile(for: materials[1])
        #expect(try cache.profile(for: materials[0]) == first)
        _ = try cache.profile(for: materials[2])
        #expect(try cache.profile(for: materials[0]) == first)
        #expect(try cache.profile(for: materials[1]) != second)
        #expect(try cache.profile(for: TLSMaterial()) == .system)
    }

    @Test("material does not print what it holds")
    func redaction() {
        let material = TLSMaterial(privateKeyPEM: Array("secret".utf8))
        var dumped = ""
        dump(material, to: &dumped)
        for text in ["\(material)", String(reflecting: material), dumped] {
            #expect(!text.contains("115"))
            #expect(!text.contains("secret"))
        }
    }
}
