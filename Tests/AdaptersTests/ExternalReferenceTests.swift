import Distribution
import DistributionTesting
import LocalReceiver
import Testing

@testable import Adapters

/// What a receiver calls the thing that it accepted.
@Suite(.timeLimit(.minutes(1))) struct ExternalReferenceTests {
    struct Answer: Sendable, CustomTestStringConvertible {
        let body: String
        var id: String?
        var url: String?
        var contentType: String? = "application/json"
        var location: String?

        var testDescription: String { "\(contentType ?? "none") \(location ?? "-") \(body.prefix(60))" }
    }

    static let told: [Answer] = [
        Answer(body: #"{"id":"abc"}"#, id: "abc"),
        Answer(body: #"{"id":"abc"}"#, id: "abc", contentType: "Application/JSON; charset=utf-8"),
        Answer(body: #"{"id":"abc"}"#, id: "abc", contentType: "application/hal+json"),
        Answer(body: #"{"id":12345678901234567890}"#, id: "12345678901234567890"),
        Answer(body: #"{"id":"é🦀"}"#, id: "é🦀"),
        Answer(body: #"{"id":"a","url":"https://a.example/1"}"#, id: "a", url: "https://a.example/1"),
        Answer(body: "", url: "https://a.example/2", location: "https://a.example/2"),
        Answer(body: "OK", url: "https://a.example/2", contentType: "text/plain", location: "https://a.example/2"),
        Answer(
            body: #"{"url":"https://a.example/1"}"#, url: "https://a.example/1", location: "https://a.example/2"),
        Answer(
            body: #"{"url":"javascript:alert(1)"}"#, url: "https://a.example/2", location: "https://a.example/2"),
    ]

    static let untold: [Answer] = [
        Answer(body: "", contentType: nil), Answer(body: #"{"id":"abc"}"#, contentType: nil),
        Answer(body: #"{"id":"abc"}"#, contentType: "text/html"),
        Answer(body: #"{"id":"abc"}"#, contentType: "text/plain+jsonp"), Answer(body: #"{"id":"#),
        Answer(body: #"["abc"]"#), Answer(body: #""abc""#), Answer(body: #"{"id":null}"#), Answer(body: #"{"id":""}"#),
        Answer(body: #"{"id":true}"#), Answer(body: #"{"id":{"id":1}}"#), Answer(body: #"{"id":"a\nb"}"#),
        Answer(body: #"{"id":"a\u0000"}"#), Answer(body: #"{"id":"a\u202eb"}"#),
        Answer(body: #"{"id":""# + String(repeating: "a", count: 256) + #""}"#),
        Answer(body: #"{"id":"# + String(repeating: "1", count: 256) + "}"),
        Answer(body: #"{"id":"abc","pad":""# + String(repeating: "a", count: 4096) + #""}"#),
        Answer(body: String(repeating: "[", count: 4096)), Answer(body: #"{"url":"/relative"}"#),
        Answer(body: #"{"url":"https://user:pw@a.example/"}"#),
        Answer(body: "", location: "javascript:alert(1)"), Answer(body: "", location: "//a.example/x"),
        Answer(body: "", location: "relative"), Answer(body: "", location: ""),
        Answer(body: "", location: "https://a.example/" + String(repeating: "a", count: 2048)),
    ]

    @Test(arguments: told + untold)
    func `ids are short and plain, URLs are http or https, and the rest is not told`(_ answer: Answer) async throws {
        try await WebhookFixture.run { fixture in
            var headers: [(String, String)] = []
            if let type = answer.contentType { headers.append(("content-type", type)) }
            if let location = answer.location { headers.append(("location", location)) }
            fixture.receiver.respond(at: "/hook", with: .status(201, headers: headers, body: answer.body))
            let result = try await fixture.deliver(to: fixture.target())
            #expect(result.outcome == .accepted(externalID: answer.id, externalURL: answer.url))
        }
    }

    @Test func `a location without a host is the receiver's own`() async throws {
        try await WebhookFixture.run { fixture in
            fixture.receiver.respond(at: "/hook", with: .status(201, headers: [("location", "/items/5?a=1")]))
            let result = try await fixture.deliver(to: fixture.target("/hook?token=hush"))
            let expected = fixture.receiver.url("/items/5?a=1")
            #expect(result.outcome == .accepted(externalID: nil, externalURL: expected))
        }
    }

    @Test func `a refusal is not asked for a reference`() async throws {
        try await WebhookFixture.run { fixture in
            let headers = [("content-type", "application/json")]
            fixture.receiver.respond(at: "/hook", with: .status(400, headers: headers, body: #"{"id":"abc"}"#))
            let result = try await fixture.deliver(to: fixture.target())
            #expect(result.outcome == .rejected(statusCode: 400, retryAfter: nil))
        }
    }
}
