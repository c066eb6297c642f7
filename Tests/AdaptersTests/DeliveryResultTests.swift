import Distribution
import DistributionTesting
import Egress
import LocalReceiver
import Testing

@testable import Adapters

/// What an exchange with a receiver comes out as.
@Suite(.timeLimit(.minutes(1))) struct DeliveryResultTests {
    @Test(arguments: [200, 201, 202, 204, 206, 299])
    func `every 2xx is acceptance`(_ status: Int) async throws {
        try await WebhookFixture.run { fixture in
            let result = try await fixture.deliver(to: fixture.target("/status/\(status)"))
            #expect(result.outcome == .accepted(externalID: nil, externalURL: nil))
            #expect(result.statusCode == status)
        }
    }

    @Test(arguments: [300, 301, 302, 304, 307, 308, 400, 401, 404, 410, 413, 429, 500, 502, 503, 599])
    func `every other status is a no, redirections are never followed`(_ status: Int) async throws {
        try await WebhookFixture.run { fixture in
            let location = ("location", fixture.receiver.url("/elsewhere"))
            fixture.receiver.respond(at: "/hook", with: .status(status, headers: [location]))
            let result = try await fixture.deliver(to: fixture.target())
            #expect(result.outcome == .rejected(statusCode: status, retryAfter: nil))
            #expect(result.statusCode == status)
            #expect(fixture.receiver.count() == 1)
        }
    }

    @Test func `Retry-After is read on a refusal, relative to the answer's Date`() async throws {
        try await WebhookFixture.run { fixture in
            let seconds = try await fixture.deliver(to: fixture.target("/retry-after/7/429"))
            #expect(seconds.outcome == .rejected(statusCode: 429, retryAfter: RetryAfter(milliseconds: 7000)))
            let headers = [
                ("date", "Fri, 02 Jan 1970 00:00:00 GMT"), ("retry-after", "Fri, 02 Jan 1970 00:00:09 GMT"),
            ]
            fixture.receiver.respond(at: "/hook", with: .status(503, headers: headers))
            let date = try await fixture.deliver(to: fixture.target())
            #expect(date.outcome == .rejected(statusCode: 503, retryAfter: RetryAfter(milliseconds: 9000)))
            fixture.receiver.respond(at: "/hook", with: .status(503, headers: [("retry-after", "-1")]))
            let broken = try await fixture.deliver(to: fixture.target())
            #expect(broken.outcome == .rejected(statusCode: 503, retryAfter: nil))
        }
    }

    @Test func `the answer's beginning is kept, cleaned, at most 4 KiB of it`() async throws {
        try await WebhookFixture.run { fixture in
            let secret = "see https://a.example/x?token=hush\u{1}\u{e9}"
            fixture.receiver.respond(at: "/hook", with: .status(500, body: secret))
            let refused = try await fixture.deliver(to: fixture.target())
            #expect(refused.responseExcerpt?.contains("hush") == false)
            #expect(refused.responseExcerpt?.hasSuffix(" \u{e9}") == true)
            let large = try await fixture.deliver(to: fixture.target("/big/1000000"))
            #expect(large.outcome == .accepted(externalID: nil, externalURL: nil))
            #expect(large.responseExcerpt == String(repeating: "x", count: 4096))
            let empty = try await fixture.deliver(to: fixture.target("/status/500"))
            #expect(empty.responseExcerpt == nil)
            let headers = [("content-encoding", "gzip")]
            fixture.receiver.respond(at: "/hook", with: .status(500, headers: headers, body: "\u{1f}\u{8b}"))
            #expect(try await fixture.deliver(to: fixture.target()).responseExcerpt == nil)
        }
    }

    @Test func `a refused address never sees a packet`() async throws {
        try await WebhookFixture.run(policy: AddressPolicy()) { fixture in
            let result = try await fixture.deliver(to: fixture.target("/hook?token=hush"))
            let (code, message, certainty) = try #require(Self.failure(result))
            #expect((code, certainty) == (.egressRefused, .unsent))
            #expect(message.contains("127.0.0.1") && !message.contains("hush"))
            #expect(fixture.receiver.acceptedConnections == 0)
        }
    }

    @Test(arguments: ["/reset", "/close", "/reset-midway"])
    func `a connection that ends before its answer leaves doubt`(_ path: String) async throws {
        try await WebhookFixture.run { fixture in
            let result = try await fixture.deliver(to: fixture.target(path))
            let (code, _, certainty) = try #require(Self.failure(result))
            #expect((code, certainty) == (.connectionReset, .ambiguous))
            #expect(result.statusCode == nil)
        }
    }

    @Test func `an answer that is not HTTP leaves doubt`() async throws {
        try await WebhookFixture.run { fixture in
            fixture.receiver.respond(at: "/hook", with: .raw(Array("SSH-2.0-nonsense\r\n\r\n".utf8)))
            let (code, _, certainty) = try #require(Self.failure(try await fixture.deliver(to: fixture.target())))
            #expect((code, certainty) == (.connectionReset, .ambiguous))
        }
    }

    @Test func `silence ends with the target's own time and leaves doubt`() async throws {
        try await WebhookFixture.run { fixture in
            let timeouts = DeliveryTimeouts(connect: 100, total: 150)
            let result = try await fixture.deliver(to: fixture.target("/hang", timeouts: timeouts))
            let (code, _, certainty) = try #require(Self.failure(result))
            #expect((code, certainty) == (.timeout, .ambiguous))
        }
    }

    @Test func `a port where nobody listens got nothing`() async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target()
            await fixture.receiver.stop()
            let (code, _, certainty) = try #require(Self.failure(try await fixture.deliver(to: target)))
            #expect((code, certainty) == (.connectFailed, .unsent))
        }
    }

    @Test func `cancelled after sending leaves doubt, cancelled before it does not`() async throws {
        try await WebhookFixture.run { fixture in
            let endpoint = try fixture.adapter.endpoint(for: fixture.target("/hang"))
            let late = await withTaskGroup(of: DeliveryResult.self) { group in
                group.addTask { await endpoint.deliver(.sample()) }
                await fixture.receiver.waitForRequests(1)
                group.cancelAll()
                return await group.next()
            }
            let (_, _, doubt) = try #require(late.flatMap(Self.failure))
            #expect(doubt == .ambiguous)
            let early = await withTaskGroup(of: DeliveryResult.self) { group in
                group.cancelAll()
                group.addTask { await endpoint.deliver(.sample()) }
                return await group.next()
            }
            let (_, _, none) = try #require(early.flatMap(Self.failure))
            #expect(none == .unsent)
            #expect(fixture.receiver.count() == 1)
        }
    }

    @Test func `after the client's end nothing is sent`() async throws {
        try await WebhookFixture.run { fixture in
            await fixture.client.shutdown()
            let (_, _, certainty) = try #require(Self.failure(try await fixture.deliver(to: fixture.target())))
            #expect(certainty == .unsent)
            #expect(fixture.receiver.count() == 0)
        }
    }

    @Test(
        arguments: [
            (.refusedAddress, .egressRefused), (.invalidRequest, .egressRefused), (.dnsFailed, .dnsFailed),
            (.connectFailed, .connectFailed), (.tlsFailed, .tlsFailed), (.timedOut, .timeout),
            (.connectionReset, .connectionReset), (.malformedResponse, .connectionReset), (.tooBusy, .connectFailed),
            (.cancelled, .connectFailed), (.shutDown, .connectFailed),
        ] as [(EgressError.Code, ErrorCode)])
    func `each failure has a code of the contract, and doubt exactly where the request had left`(
        _ code: EgressError.Code, _ expected: ErrorCode
    ) throws {
        for (state, certainty) in [(.unsent, .unsent), (.sent, .ambiguous)] as [(EgressError.RequestState, Certainty)] {
            let error = EgressError(code, phase: .response, requestState: state, detail: "What happened.")
            let result = HTTPDelivery.result(of: error, durationMilliseconds: 5)
            let outcome = DeliveryResult.Outcome.failed(
                code: expected, message: "What happened.", certainty: certainty)
            #expect(result.outcome == outcome)
            #expect(result.durationMilliseconds == 5)
        }
    }

    private static func failure(_ result: DeliveryResult) -> (ErrorCode, String, Certainty)? {
        guard case .failed(let code, let message, let certainty) = result.outcome else { return nil }
        return (code, message, certainty)
    }
}
