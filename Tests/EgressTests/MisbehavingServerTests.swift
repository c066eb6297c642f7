import Egress
import Testing

/// Servers that do what servers do; each case ends in an honest answer or error, never in a hang.
@Suite("Misbehaving server", .timeLimit(.minutes(1)))
struct MisbehavingServerTests {
    @Test("what is not a clean HTTP/1.x head is malformed", arguments: MalformedAnswer.allCases)
    func malformed(answer: MalformedAnswer) async throws {
        try await withServer(.answering(answer.text)) { server in
            try await withClient { client in
                let error = try await client.failure(server.url())
                #expect(error.code == .malformedResponse, "\(error)")
                #expect(error.requestState == .sent)
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("a banner before the request is malformed")
    func banner() async throws {
        try await withServer(ServerScript(.connection) { _, _ in [.send("220 mail ESMTP\r\n\r\n")] }) { server in
            try await withClient { client in
                let error = try await client.failure(server.url())
                #expect(error.code == .malformedResponse)
            }
        }
    }

    @Test("a header without an end is cut off", arguments: ["HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\n"])
    func endlessHeader(start: String) async throws {
        try await withServer(.always(.send(start), .sendForever("a"))) { server in
            try await withClient { client in
                let error = try await client.failure(server.url())
                #expect(error.code == .malformedResponse)
            }
        }
    }

    @Test("some interim answers are dropped, a flood of them is malformed")
    func interimAnswers() async throws {
        let interim = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
        let final = "HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n"
        try await withServer(.always(.sendTimes(interim, 50), .send(final))) { server in
            try await withClient { client in
                let response = try await client.post(server.url())
                #expect(response.status == 202)
            }
        }
        try await withServer(.always(.sendTimes(interim, 100_000), .send(final))) { server in
            try await withClient { client in
                let error = try await client.failure(server.url())
                #expect(error.code == .malformedResponse)
            }
        }
    }

    @Test(
        "an endless or large body is cut at the cap and its status counts",
        arguments: [
            ServerScript.always(
                .send("HTTP/1.1 200 OK\r\ncontent-length: 10000000\r\n\r\n"), .sendFiller(10_000_000)),
            .always(.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"), .sendForever("1\r\nx\r\n")),
            .always(.send("HTTP/1.1 200 OK\r\n\r\n"), .sendForever("x")),
        ])
    func largeBody(script: ServerScript) async throws {
        try await withServer(script) { server in
            try await withClient { client in
                let response = try await client.post(server.url(), cap: 1_000)
                #expect(response.status == 200)
                #expect(response.body == Array(repeating: UInt8(ascii: "x"), count: 1_000))
                #expect(response.isBodyTruncated)
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("framing without content is cut off too")
    func endlessChunkExtension() async throws {
        let head = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;"
        try await withServer(.always(.send(head), .sendForever("e"))) { server in
            try await withClient { client in
                let response = try await client.post(server.url())
                #expect(response.isBodyTruncated)
                #expect(response.body.isEmpty)
            }
        }
    }

    @Test("a body of exactly the cap is whole and keeps its connection")
    func bodyAtTheCap() async throws {
        let script = ServerScript.always(.send("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n"), .sendFiller(1_000))
        try await withServer(script) { server in
            try await withClient { client in
                for _ in 1...2 {
                    let response = try await client.post(server.url(), cap: 1_000)
                    #expect(response.body.count == 1_000)
                    #expect(!response.isBodyTruncated)
                }
                #expect(server.seen.opened == 1)
            }
        }
    }

    @Test(
        "an answer that stops in the middle is ambiguous",
        arguments: [
            [ServerAction.reset], [.close], [.send("HTTP/1.1 2"), .close], [.send("HTTP/1.1 200 OK\r\nx: y"), .reset],
            [.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"), .close],
            [.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf"), .reset],
            [.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n"), .close],
        ])
    func cutAnswer(actions: [ServerAction]) async throws {
        try await withServer(ServerScript { _, _ in actions }) { server in
            try await withClient { client in
                let error = try await client.failure(server.url())
                #expect(error.code == .connectionReset, "\(error)")
                #expect(error.phase == .response)
                #expect(error.requestState == .sent)
                #expect(server.seen.opened == 1, "a fresh connection is never retried")
            }
        }
    }

    @Test("a body that only the end of the connection ends is whole", arguments: ["HTTP/1.0", "HTTP/1.1"])
    func closeDelimited(version: String) async throws {
        try await withServer(.always(.send("\(version) 200 OK\r\n\r\nold"), .close)) { server in
            try await withClient { client in
                let response = try await client.post(server.url())
                #expect(response.body == Array("old".utf8))
                #expect(!response.isBodyTruncated)
            }
        }
    }

    @Test("an answer during the upload is delivered", arguments: [4_000_000, 50_000_000])
    func earlyAnswer(size: Int) async throws {
        let answer = "HTTP/1.1 413 Content Too Large\r\ncontent-length: 3\r\n\r\nbig"
        try await withServer(ServerScript(.head) { _, _ in [.send(answer)] }) { server in
            try await withClient { client in
                let response = try await client.post(server.url(), body: Array(repeating: 120, count: size))
                #expect(response.status == 413)
                #expect(response.body == Array("big".utf8))
            }
        }
    }

    @Test("an answer during the upload is delivered even if the server closes behind it")
    func earlyAnswerAndClose() async throws {
        let answer = "HTTP/1.1 413 Content Too Large\r\nconnection: close\r\ncontent-length: 3\r\n\r\nbig"
        try await withServer(ServerScript(.head) { _, _ in [.send(answer), .close] }) { server in
            try await withClient { client in
                let response = try await client.post(server.url(), body: Array(repeating: 120, count: 50_000_000))
                #expect(response.status == 413)
            }
        }
    }

    @Test(
        "a body that a status forbids is not waited for",
        arguments: ["HTTP/1.1 204 No Content\r\ncontent-length: 5\r\n\r\n", "HTTP/1.1 304 Not Modified\r\n\r\n"])
    func bodylessStatus(answer: String) async throws {
        try await withServer(.answering(answer)) { server in
            try await withClient { client in
                for _ in 1...2 {
                    let response = try await client.post(server.url())
                    #expect(response.body.isEmpty)
                }
                #expect(server.seen.opened == 1)
            }
        }
    }

    @Test("the answer to HEAD ends with its head")
    func head() async throws {
        try await withServer(.answering("HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n")) { server in
            try await withClient { client in
                for _ in 1...2 {
                    let response = try await client.post(server.url(), body: [], method: "HEAD")
                    #expect(response.status == 200)
                }
                #expect(server.seen.opened == 1)
                #expect(server.seen.heads.allSatisfy { !$0.contains("content-length") })
            }
        }
    }

    @Test("an upgrade that nobody asked for is an answer and ends the connection")
    func upgrade() async throws {
        let answer = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\nraw"
        try await withServer(.answering(answer)) { server in
            try await withClient { client in
                let answer1 = try await client.post(server.url())
                #expect(answer1.status == 101)
                await server.log.wait { $0.closed == 1 }
            }
        }
    }

    @Test("a redirect is an answer, never followed")
    func redirect() async throws {
        try await withServer(.ok) { other in
            let answer = "HTTP/1.1 307 Temporary Redirect\r\nlocation: \(other.url())\r\ncontent-length: 0\r\n\r\n"
            try await withServer(.answering(answer)) { server in
                try await withClient { client in
                    let response = try await client.post(server.url())
                    #expect(response.status == 307)
                    #expect(response.header("Location") == other.url())
                    #expect(other.seen.opened == 0)
                }
            }
        }
    }

    @Test("a compressed body stays as it came")
    func compressed() async throws {
        let answer = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 3\r\n\r\nabc"
        try await withServer(.answering(answer)) { server in
            try await withClient { client in
                let answer2 = try await client.post(server.url())
                #expect(answer2.body == Array("abc".utf8))
                #expect(server.seen.heads.allSatisfy { !$0.lowercased().contains("accept-encoding") })
            }
        }
    }
}
