import Egress
import Testing

@Suite("Invalid requests", .timeLimit(.minutes(1)))
struct InvalidRequestTests {
    @Test(
        "what would be more or less than one header is refused before anything leaves",
        arguments: [
            ("x", "a\r\nevil: 1"), ("x", "a\nevil: 1"), ("x", "a\rb"), ("x", "a\u{0}b"), ("x", "a\u{7F}"),
            ("x", "\u{1B}[31m"), ("x\r\nevil", "1"), ("x y", "1"), ("x:", "1"), ("", "1"), ("é", "1"), ("x\u{0}", "1"),
            ("Host", "evil.example"), ("content-length", "0"), ("Transfer-Encoding", "chunked"),
            ("connection", "upgrade"), ("Upgrade", "h2c"), ("expect", "100-continue"), ("TE", "trailers"),
        ])
    func headers(name: String, value: String) async throws {
        try await withServer(.ok) { server in
            try await withClient { client in
                let error = try await client.failure(server.url(), headers: [("ok", "1"), (name, value)])
                #expect(error.code == .invalidRequest)
                #expect(error.requestState == .unsent)
                #expect(!error.detail.contains("evil: "))
                #expect(server.seen.opened == 0)
            }
        }
    }

    @Test("a method that is no token is refused", arguments: ["", "PO ST", "POST\r\n", "CONNECT", "GET /"])
    func methods(method: String) async throws {
        try await withServer(.ok) { server in
            try await withClient { client in
                await #expect(throws: EgressError.self) {
                    _ = try await client.post(server.url(), method: method)
                }
                #expect(server.seen.opened == 0)
            }
        }
    }

    @Test("the request on the wire is what was asked for")
    func wire() async throws {
        try await withServer(.ok) { server in
            try await withClient { client in
                let headers = [("X-One", "1"), ("x-utf8", "ü"), ("x-tab", "a\tb"), ("x-empty", "")]
                _ = try await client.post(server.url("/a/b?c=d"), body: Array("12345".utf8), headers: headers)
                let expected = """
                    POST /a/b?c=d HTTP/1.1\r
                    host: 127.0.0.1:\(server.port)\r
                    X-One: 1\r
                    x-utf8: ü\r
                    x-tab: a\tb\r
                    x-empty: \r
                    content-length: 5
                    """
                #expect(server.seen.heads == [expected])
            }
        }
    }

    @Test("a GET without a body has no content-length, a POST without one says 0")
    func emptyBody() async throws {
        try await withServer(.ok) { server in
            try await withClient { client in
                _ = try await client.post(server.url(), body: [], method: "GET")
                _ = try await client.post(server.url(), body: [], method: "POST")
                #expect(server.seen.heads.map { $0.contains("content-length: 0") } == [false, true])
            }
        }
    }
}
