import NIOCore
import NIOPosix
import Testing

@testable import LocalReceiver

@Suite(.timeLimit(.minutes(1))) struct ReceiverTests {
    private static func withReceiver(
        keepBodies: Bool = true, verify: (@Sendable ([(String, String)], [UInt8]) -> Bool)? = nil,
        _ body: (Receiver) async throws -> Void
    ) async throws {
        let receiver = try await Receiver.start(keepBodies: keepBodies, verify: verify)
        do {
            try await body(receiver)
        } catch {
            await receiver.stop()
            throw error
        }
        await receiver.stop()
    }

    @Test func `a request is answered with its delivery id and kept as it came`() async throws {
        try await Self.withReceiver { receiver in
            let (answer, _) = try await RawClient.exchange(
                receiver.port, RawClient.post("/hook?x=1", more: "X-Odd: Yes\r\n"), until: "}")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
            #expect(answer.hasSuffix("content-length: 14\r\n\r\n{\"id\":\"msg_1\"}"))
            let request = try #require(receiver.requests(at: "/hook").first)
            #expect(request.method == "POST")
            #expect(request.path == "/hook?x=1")
            #expect(request.header("x-odd") == "Yes")
            #expect(request.body == Array("hello".utf8))
            #expect(request.deliveryID == "msg_1")
            #expect(request.monotonicNanoseconds > 0)
            #expect(request.isVerified == nil)
        }
    }

    @Test func `without bodies it counts, and tells deliveries apart`() async throws {
        try await Self.withReceiver(keepBodies: false) { receiver in
            for id in ["a", "b", "a"] {
                _ = try await RawClient.exchange(receiver.port, RawClient.post("/h", id: id), until: "}")
            }
            #expect(receiver.count() == 3)
            #expect(receiver.count(at: "/h") == 3)
            #expect(receiver.count(at: "/other") == 0)
            #expect(receiver.distinctDeliveries == 2)
            #expect(receiver.requests().allSatisfy { $0.body.isEmpty && $0.headers.isEmpty })
            #expect(receiver.acceptedConnections == 3)
            receiver.reset()
            #expect(receiver.count() == 0)
        }
    }

    @Test func `pipelined requests on one connection are answered in their order`() async throws {
        try await Self.withReceiver { receiver in
            let (answer, _) = try await RawClient.exchange(
                receiver.port,
                RawClient.post("/delay/20", id: "first") + RawClient.post("/h", id: "second"), until: "\"second\"}")
            let first = try #require(answer.firstRange(of: "first"))
            let second = try #require(answer.firstRange(of: "second"))
            #expect(first.lowerBound < second.lowerBound)
            #expect(Set(receiver.requests().map(\.connectionID)) == [1])
        }
    }

    @Test(arguments: [
        ("/status/503", "HTTP/1.1 503 "), ("/retry-after/7/429", "HTTP/1.1 429 \r\nretry-after: 7\r\n"),
        ("/status/204", "HTTP/1.1 204 \r\n\r\n"), ("/delay/1/status/418", "HTTP/1.1 418 "),
        ("/delay/1", "HTTP/1.1 200 "), ("/trickle/1", "HTTP/1.1 200 "), ("/fail-first", "HTTP/1.1 503 "),
    ])
    func `a path chooses its answer`(path: String, start: String) async throws {
        try await Self.withReceiver { receiver in
            let (answer, ending) = try await RawClient.exchange(
                receiver.port, RawClient.post(path, more: "connection: close\r\n"))
            #expect(answer.replacing("connection: close\r\n", with: "").hasPrefix(start))
            #expect(ending == .closed)
        }
    }

    @Test(arguments: [
        ("/reset", RawClient.Ending.reset, ""), ("/reset-midway", .reset, "HTTP/1.1 200 "), ("/close", .closed, ""),
        ("/close-after", .closed, "HTTP/1.1 200 "),
    ])
    func `a path chooses how the connection ends`(path: String, ending: RawClient.Ending, start: String) async throws {
        try await Self.withReceiver { receiver in
            let (answer, actual) = try await RawClient.exchange(receiver.port, RawClient.post(path))
            #expect(actual == ending)
            #expect(answer.hasPrefix(start) && answer.isEmpty == start.isEmpty)
        }
    }

    @Test func `the first requests of each delivery fail`() async throws {
        try await Self.withReceiver { receiver in
            var seen: [String] = []
            for id in ["a", "b", "a", "b", "a"] {
                let (answer, _) = try await RawClient.exchange(
                    receiver.port, RawClient.post("/fail-first/2/502", id: id, more: "connection: close\r\n"))
                seen.append("\(id)\(answer.dropFirst(9).prefix(3))")
            }
            #expect(seen == ["a502", "b502", "a502", "b502", "a200"])
        }
    }

    @Test func `a large body has its length and every byte`() async throws {
        try await Self.withReceiver { receiver in
            let (answer, _) = try await RawClient.exchange(
                receiver.port, RawClient.post("/big/1000000", more: "connection: close\r\n"))
            #expect(answer.utf8.count { $0 == UInt8(ascii: "x") } == 1_000_000)
            #expect(answer.contains("content-length: 1000000\r\n"))
        }
    }

    @Test func `what is set for a path goes before what the path says`() async throws {
        try await Self.withReceiver { receiver in
            receiver.respond(at: "/status/500", with: .raw(Array("nonsense".utf8)))
            let (answer, ending) = try await RawClient.exchange(receiver.port, RawClient.post("/status/500"))
            #expect(answer == "nonsense")
            #expect(ending == .closed)
        }
    }

    @Test func `waiters and streams learn of requests, and of the end`() async throws {
        let receiver = try await Receiver.start()
        let stream = receiver.stream
        async let waited: Void = receiver.waitForRequests(2, at: "/h")
        for id in ["a", "b"] {
            _ = try await RawClient.exchange(receiver.port, RawClient.post("/h", id: id), until: "}")
        }
        await waited
        async let endless: Void = receiver.waitForRequests(1_000)
        await receiver.stop()
        await endless
        var ids: [String?] = []
        for await request in stream { ids.append(request.deliveryID) }
        #expect(ids == ["a", "b"])
    }

    @Test func `a connection that hangs is closed by the receiver's end`() async throws {
        let receiver = try await Receiver.start()
        async let exchange = RawClient.exchange(receiver.port, RawClient.post("/hang"))
        await receiver.waitForRequests(1)
        await receiver.stop()
        #expect(try await exchange.0.isEmpty)
    }

    @Test func `an injected verifier sees headers and body`() async throws {
        try await Self.withReceiver(keepBodies: false) { headers, body in
            headers.contains { $0.0 == "webhook-id" } && body == Array("hello".utf8)
        } _: { receiver in
            _ = try await RawClient.exchange(receiver.port, RawClient.post("/h"), until: "}")
            _ = try await RawClient.exchange(receiver.port, RawClient.post("/h", body: "forged"), until: "}")
            #expect(receiver.requests().map(\.isVerified) == [true, false])
        }
    }
}
