import Distribution
import DistributionTesting
import LocalReceiver
import Testing

@testable import Adapters

/// What leaves, as a receiver on a socket sees it.
@Suite(.timeLimit(.minutes(1))) struct WebhookRequestTests {
    @Test func `a request has exactly these headers, in this order, and the very bytes of the job`() async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target("/hook?shop=1", ["headers": ["x-shop": "one"]])
            let body = "{\"text\":\"\u{e9}\u{1F980}\\u0000\",  \"spaces\" : 1}\r\n"
            let received = try await fixture.received(.sample(body: body), by: target)
            let request = try #require(received)
            #expect(request.method == "POST")
            #expect(request.path == "/hook?shop=1")
            #expect(request.body == Array(body.utf8))
            let expected = [
                "host: 127.0.0.1:\(fixture.receiver.port)", "user-agent: clawcast/\(Release.version)", "x-shop: one",
                "content-type: application/json", "webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek",
                "webhook-timestamp: 1614265330",
                "webhook-signature: \(request.header("webhook-signature") ?? "missing")",
                "content-length: \(body.utf8.count)",
            ]
            #expect(request.headers.map { "\($0.0): \($0.1)" } == expected)
        }
    }

    @Test func `a body of no bytes and one of 1 MiB arrive whole`() async throws {
        try await WebhookFixture.run { fixture in
            for body in ["", String(repeating: "0123456789abcdef", count: 65_536)] {
                let request = try await fixture.received(.sample(body: body), by: fixture.target())
                #expect(request?.body == Array(body.utf8))
                #expect(request?.header("content-length") == String(body.utf8.count))
            }
        }
    }

    @Test func `trace context travels on, and is absent where there is none`() async throws {
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        try await WebhookFixture.run { fixture in
            let target = fixture.target()
            let trace = TraceContext(traceparent: parent, tracestate: "vendor=1")
            let traced = try await fixture.received(.sample(trace: trace), by: target)
            #expect(traced?.header("traceparent") == parent)
            #expect(traced?.header("tracestate") == "vendor=1")
            let half = try await fixture.received(.sample(trace: TraceContext(traceparent: parent)), by: target)
            #expect(half?.header("traceparent") == parent)
            #expect(half?.header("tracestate") == nil)
            let plain = try await fixture.received(by: target)
            #expect(plain?.header("traceparent") == nil)
        }
    }

    @Test func `the content type is the payload's`() async throws {
        try await WebhookFixture.run { fixture in
            let request = try await fixture.received(
                .sample(contentType: "application/feed+json; charset=utf-8"), by: fixture.target())
            #expect(request?.header("content-type") == "application/feed+json; charset=utf-8")
        }
    }

    @Test func `attempts share the delivery id and each has its own time, in whole seconds`() async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target()
            for milliseconds in [1_775_469_600_999, 1_775_469_605_000] as [Int64] {
                _ = try await fixture.deliver(
                    .sample(startedAt: Timestamp(milliseconds: milliseconds)), to: target)
            }
            let requests = fixture.receiver.requests()
            #expect(requests.map { $0.header("webhook-timestamp") } == ["1775469600", "1775469605"])
            #expect(Set(requests.map(\.deliveryID)) == ["msg_p5jXN8AQM9LWM0D4loKWxJek"])
            #expect(Set(requests.map { $0.header("webhook-signature") }).count == 2)
        }
    }

    @Test func `secret headers are sent beside those of the configuration`() async throws {
        try await WebhookFixture.run { fixture in
            let target = fixture.target(
                "/hook", ["headers": ["X-Shop": "one"]],
                credentials: [
                    "secret": WebhookFixture.secret, "header.authorization": "Bearer abc",
                    "header.x-api-key": "k",
                ])
            let request = try #require(try await fixture.received(by: target))
            #expect(request.header("authorization") == "Bearer abc")
            #expect(request.header("x-api-key") == "k")
            #expect(request.headers.contains { $0 == ("X-Shop", "one") })
        }
    }
}
