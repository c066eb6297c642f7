import Egress
import Testing

@Suite("Connection reuse", .timeLimit(.minutes(1)))
struct ConnectionReuseTests {
    private static let ok = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"

    @Test("requests one after the other share a connection, requests at the same time do not")
    func keepAlive() async throws {
        try await withServer(.ok) { server in
            try await withClient { client in
                for _ in 1...20 {
                    let response = try await client.post(server.url())
                    #expect(response.body == Array("ok".utf8))
                }
                #expect(server.seen.opened == 1)
            }
        }
        try await withServer(.silent) { server in
            try await withClient { client in
                await withTaskGroup { group in
                    for _ in 1...3 { group.addTask { _ = try? await client.post(server.url()) } }
                    await server.log.wait { $0.heads.count == 3 }
                    group.cancelAll()
                }
                #expect(server.seen.opened == 3)
            }
        }
    }

    @Test(
        "a connection that the server wants closed is not used again",
        arguments: [
            "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok",
            "HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok",
        ])
    func connectionClose(answer: String) async throws {
        try await withServer(.answering(answer)) { server in
            try await withClient { client in
                for _ in 1...2 {
                    let response = try await client.post(server.url())
                    #expect(response.status == 200)
                }
                #expect(server.seen.opened == 2)
                await server.log.wait { $0.closed == 2 }
            }
        }
    }

    @Test("a connection that dies under its second request is replaced once", arguments: [ServerAction.close, .reset])
    func idleCloseRace(ending: ServerAction) async throws {
        let script = ServerScript { request, _ in request == 1 ? [.send(Self.ok)] : [ending] }
        try await withServer(script) { server in
            try await withClient { client in
                for _ in 1...2 {
                    let response = try await client.post(server.url())
                    #expect(response.status == 200)
                }
                #expect(server.seen.opened == 2)
                #expect(server.seen.heads.count == 3)
            }
        }
    }

    @Test("a request that may have arrived stays sent although its retry could not even connect")
    func honestState() async throws {
        let script = ServerScript { request, _ in request == 1 ? [.send(Self.ok)] : [.stopListening, .close] }
        try await withServer(script) { server in
            try await withClient { client in
                _ = try await client.post(server.url())
                let error = try await client.failure(server.url())
                #expect(error.code == .connectFailed || error.code == .connectionReset, "\(error)")
                #expect(error.requestState == .sent)
            }
        }
    }

    @Test("no retry once the answer has begun")
    func noRetryAfterFirstByte() async throws {
        let script = ServerScript { request, _ in
            request == 1 ? [.send(Self.ok)] : [.send("H"), .close]
        }
        try await withServer(script) { server in
            try await withClient { client in
                _ = try await client.post(server.url())
                let refusal1 = try await client.failure(server.url())
                #expect(refusal1.code == .connectionReset)
                #expect(server.seen.heads.count == 2)
            }
        }
    }

    @Test(
        "what follows an answer in the same read never becomes the next answer",
        arguments: [
            "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison", "HTTP/1.1 200 OK\r\ncontent-le", "H", "\r\n", "xyz",
        ])
    func poisonedRead(surplus: String) async throws {
        let script = ServerScript { _, connection in [.send(Self.ok + (connection == 1 ? surplus : ""))] }
        try await withServer(script) { server in
            try await withClient { client in
                for _ in 1...3 {
                    let response = try await client.post(server.url())
                    #expect(response.body == Array("ok".utf8))
                }
                #expect(server.seen.opened == 2)
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("bytes on an idle connection end it")
    func unsolicitedAnswer() async throws {
        let script = ServerScript { _, connection in
            connection == 1
                ? [.send(Self.ok), .trickle("HTTP/1.1 200 OK\r\n", everyMilliseconds: 20)] : [.send(Self.ok)]
        }
        try await withServer(script) { server in
            try await withClient { client in
                let answer2 = try await client.post(server.url())
                #expect(answer2.body == Array("ok".utf8))
                await server.log.wait { $0.closed == 1 }
                let answer3 = try await client.post(server.url())
                #expect(answer3.body == Array("ok".utf8))
                #expect(server.seen.opened == 2)
            }
        }
    }

    @Test("a connection that idles too long is closed")
    func idleTimeout() async throws {
        try await withServer(.ok) { server in
            try await withClient(configure: { $0.idleTimeout = 10 }) { client in
                _ = try await client.post(server.url())
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("beyond the limit of idle connections the oldest leaves")
    func idleLimit() async throws {
        try await withServer(.ok) { first in
            try await withServer(.ok) { second in
                try await withClient(configure: { $0.maxIdleConnections = 1 }) { client in
                    _ = try await client.post(first.url())
                    _ = try await client.post(second.url())
                    await first.log.wait { $0.closed == 1 }
                    _ = try await client.post(second.url())
                    #expect(second.seen.opened == 1)
                }
            }
        }
    }

    @Test("a key keeps no more idle connections than it may")
    func idlePerKey() async throws {
        try await withServer(.always(.trickle(Self.ok, everyMilliseconds: 20))) { server in
            try await withClient(configure: { $0.idlePerKey = 2 }) { client in
                try await withThrowingTaskGroup { group in
                    for _ in 1...5 { group.addTask { _ = try await client.post(server.url()) } }
                    try await group.waitForAll()
                }
                await server.log.wait { $0.closed >= 3 }
            }
        }
    }

    @Test("beyond the limit of connections a request fails at once, but an idle connection makes room")
    func connectionLimit() async throws {
        try await withServer(.ok) { other in
            try await withServer(.silent) { server in
                try await withClient(configure: { $0.maxConnections = 1 }) { client in
                    _ = try await client.post(other.url())
                    let waiting = Task { try await client.failure(server.url()) }
                    await server.log.wait { $0.heads.count == 1 }
                    let error = try await client.failure(other.url())
                    #expect(error.code == .tooBusy)
                    #expect(error.requestState == .unsent)
                    await client.shutdown()
                    #expect(try await waiting.value.code == .shutDown)
                }
            }
        }
    }
}
