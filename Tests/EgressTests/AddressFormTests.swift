import NIOCore
import NIOPosix
import Testing

@testable import Egress

/// Every way to write or hide a forbidden address, with a live server behind it that must never see a connection.
@Suite("Address forms", .timeLimit(.minutes(1)))
struct AddressFormTests {
    @Test(
        "no spelling of a loopback address gets through",
        arguments: [
            "127.0.0.1", "127.0.0.1.", "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.1",
            "127.0.1", "0", "0.0.0.0", "localhost", "LOCALHOST", "[::1]", "[::]", "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]", "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        ])
    func refusesSpellings(host: String) async throws {
        try await withServer(.ok) { server in
            try await withClient(policy: AddressPolicy(allowsPlainHTTP: true)) { client in
                for scheme in ["http", "https"] {
                    let error = try await client.failure("\(scheme)://\(host):\(server.port)/")
                    #expect(error.code == .refusedAddress || error.code == .dnsFailed, "\(error)")
                    #expect(error.requestState == .unsent)
                }
                #expect(server.seen.opened == 0)
            }
        }
    }

    @Test(
        "the usual spellings are refused as addresses, not for want of one",
        arguments: ["127.1", "0x7f000001", "[::1]"])
    func refusesAsAddress(host: String) async throws {
        try await withClient(policy: AddressPolicy()) { client in
            let error = try await client.failure("https://\(host)/?token=secret")
            #expect(error.code == .refusedAddress)
            #expect(error.phase == .connect)
            #expect(error.detail.contains("loopback"))
            #expect(!error.description.contains("secret"))
        }
    }

    @Test("a name that turns to a forbidden address is refused at its next look-up")
    func rebinding() async throws {
        try await withServer(.ok) { server in
            let answers = LookupScript { host, count in
                [try? SocketAddress(ipAddress: count == 1 ? "127.0.0.1" : "127.0.0.2", port: 0)].compactMap { $0 }
            }
            let policy = AddressPolicy(allowed: [try CIDR("127.0.0.1")])
            let close = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
            try await withServer(.answering(close)) { rebinding in
                try await withClient(policy: policy, lookup: answers.lookup, configure: { $0.positiveTTL = 0 }) {
                    client in
                    let url = rebinding.url(host: "rebinding.example")
                    let answer = try await client.post(url)
                    #expect(answer.status == 200)
                    let error = try await client.failure(url)
                    #expect(error.code == .refusedAddress)
                }
            }
            #expect(server.seen.opened == 0)
        }
    }

    @Test("of a name's addresses only the permitted ones are connected to")
    func filtersAnswers() async throws {
        let answers = LookupScript { _, _ in
            ["10.0.0.1", "169.254.169.254", "::ffff:10.0.0.1", "127.0.0.1"].compactMap {
                try? SocketAddress(ipAddress: $0, port: 0)
            }
        }
        try await withServer(.ok) { server in
            try await withClient(lookup: answers.lookup) { client in
                let answer = try await client.post(server.url(host: "mixed.example"))
                #expect(answer.status == 200)
                #expect(server.seen.heads.first?.contains("host: mixed.example:\(server.port)") == true)
            }
        }
    }

    @Test("a dead address among a name's addresses does not keep it from the others")
    func fallsBack() async throws {
        let answers = LookupScript { _, _ in
            ["::1", "127.0.0.2", "127.0.0.1"].compactMap { try? SocketAddress(ipAddress: $0, port: 0) }
        }
        try await withServer(.ok) { server in
            try await withClient(lookup: answers.lookup) { client in
                let answer = try await client.post(server.url(host: "partly.example"))
                #expect(answer.status == 200)
            }
        }
    }

    @Test("the guard alone stops a connect, whoever asks for it, and closes the socket")
    func guardAlone() async throws {
        try await withServer(.ok) { server in
            let closed = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: Void.self)
            let connecting = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.closeFuture.cascade(to: closed)
                    return channel.eventLoop.makeCompletedFuture {
                        let gate = EgressGuard(policy: AddressPolicy(), scheme: .https)
                        try channel.pipeline.syncOperations.addHandler(gate)
                    }
                }
                .connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: server.port))
            await #expect(throws: RefusedAddress.self) { try await connecting.get() }
            try await closed.futureResult.get()
            #expect(server.seen.opened == 0)
        }
    }

    @Test("plain http to a public address is refused before anything leaves")
    func plainHTTP() async throws {
        let answers = LookupScript { _, _ in [try? SocketAddress(ipAddress: "1.1.1.1", port: 0)].compactMap { $0 } }
        try await withClient(policy: AddressPolicy(), lookup: answers.lookup) { client in
            let error = try await client.failure("http://example.com/")
            #expect(error.code == .refusedAddress)
            #expect(error.detail.contains("plain http"))
        }
    }
}
