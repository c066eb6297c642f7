import Egress
import NIOCore
import Testing

@Suite("Deadlines and cancellation", .timeLimit(.minutes(1)))
struct DeadlineTests {
    @Test("a server that never answers is given up, and the request counts as sent")
    func neverAnswers() async throws {
        try await withServer(.silent) { server in
            try await withClient { client in
                let error = try await client.failure(server.url(), totalTimeout: 200)
                #expect(error.code == .timedOut)
                #expect(error.phase == .response)
                #expect(error.requestState == .sent)
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test(
        "a trickle does not stretch the total timeout",
        arguments: ["HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\ncontent-length: 10000\r\n\r\n"])
    func trickle(start: String) async throws {
        try await withServer(.always(.send(start), .trickle("a", everyMilliseconds: 10))) { server in
            try await withClient { client in
                let clock = ContinuousClock()
                let began = clock.now
                let error = try await client.failure(server.url(), totalTimeout: 300)
                #expect(error.code == .timedOut)
                #expect(error.requestState == .sent)
                #expect(clock.now - began >= .milliseconds(300), "a timeout is never early")
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("a server that does not take the request leaves it unsent")
    func neverReads() async throws {
        try await withServer(ServerScript(.head) { _, _ in [] }) { server in
            try await withClient { client in
                let body = [UInt8](repeating: 0, count: 50_000_000)
                let error = try await client.failure(server.url(), body: body, totalTimeout: 500)
                #expect(error.code == .timedOut)
                #expect(error.phase == .write)
                #expect(error.requestState == .unsent)
            }
        }
    }

    @Test("a handshake that does not come falls under the connect timeout")
    func noHandshake() async throws {
        try await withServer(.silent) { server in
            try await withClient { client in
                let error = try await client.failure("https://127.0.0.1:\(server.port)/", connectTimeout: 150)
                #expect(error.code == .timedOut)
                #expect(error.phase == .handshake)
                #expect(error.requestState == .unsent)
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("a refused connection is a failed connect")
    func refusedConnection() async throws {
        let port = try await withServer(.ok) { $0.port }
        try await withClient { client in
            for host in ["127.0.0.1", "localhost"] {
                let error = try await client.failure("http://\(host):\(port)/")
                #expect(error.code == .connectFailed)
                #expect(error.phase == .connect)
                #expect(error.requestState == .unsent)
                #expect(error.detail.contains("refused"))
            }
        }
    }

    @Test("cancellation closes the connection and says what the server may know")
    func cancellation() async throws {
        try await withServer(.silent) { server in
            try await withClient { client in
                let task = Task { try await client.failure(server.url()) }
                await server.log.wait { $0.heads.count == 1 }
                task.cancel()
                let error = try await task.value
                #expect(error.code == .cancelled)
                #expect(error.requestState == .sent)
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("a cancelled task sends nothing")
    func cancelledBefore() async throws {
        try await withServer(.ok) { server in
            try await withClient { client in
                let task = Task {
                    withUnsafeCurrentTask { $0?.cancel() }
                    return try await client.failure(server.url())
                }
                let error = try await task.value
                #expect(error.code == .cancelled)
                #expect(error.requestState == .unsent)
                #expect(server.seen.opened == 0)
            }
        }
    }

    @Test("a storm of cancellations ends every request exactly once and leaves a working client")
    func cancellationStorm() async throws {
        try await withServer(.always(.trickle("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n", everyMilliseconds: 1))) {
            server in
            try await withClient { client in
                for _ in 1...20 {
                    await withTaskGroup { group in
                        for _ in 1...20 { group.addTask { _ = try? await client.post(server.url()) } }
                        await group.next()
                        group.cancelAll()
                    }
                }
                let answer = try await client.post(server.url())
                #expect(answer.status == 200)
            }
        }
    }

    @Test("shutdown ends what is under way, and later requests fail")
    func shutdown() async throws {
        try await withServer(.silent) { server in
            try await withClient { client in
                let task = Task { try await client.failure(server.url()) }
                await server.log.wait { $0.heads.count == 1 }
                await client.shutdown()
                let first = try await task.value
                #expect(first.code == .shutDown)
                #expect(first.requestState == .sent)
                let second = try await client.failure(server.url())
                #expect(second.code == .shutDown)
                #expect(second.requestState == .unsent)
                await client.shutdown()
            }
        }
    }
}
