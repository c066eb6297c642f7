import Distribution
import DistributionTesting
import Testing

@Suite struct RefusedPlanBodyTests {
    /// A digest that names what it was made of by its length alone.
    private func sanitize(_ body: [UInt8]) throws -> JSON {
        let zero = try #require(Digest256(bytes: [UInt8](repeating: 0, count: 32)))
        let bytes = RefusedPlanBody.sanitize(body) { slice in
            Digest256(bytes: [UInt8](repeating: UInt8(slice.count % 256), count: 32)) ?? zero
        }
        return try JSON.parse(bytes)
    }

    private func summary(_ size: Int) -> JSON {
        let byte = String(size % 256, radix: 16)
        let digit = byte.count == 1 ? "0" + byte : byte
        return .object(["size": .integer(size), "sha256": .string(String(repeating: digit, count: 32))])
    }

    @Test func `replaces the content's data and keeps the rest`() throws {
        let original = try Plans.object()
        let data = original["content"]?.objectValue?["data"]
        let sanitized = try sanitize(Array(Plans.complete.utf8)).objectValue
        #expect(sanitized?["content"]?.objectValue?["data"] == summary(data?.serialized().count ?? 0))
        #expect(sanitized?["content"]?.objectValue?["status"] == .string("published"))
        for name in ["idempotencyKey", "targets", "policy", "createdBy"] { #expect(sanitized?[name] == original[name]) }
    }

    @Test func `replaces data that is a string by the string's own size`() throws {
        let sanitized = try sanitize(Array(#"{"content":{"data":"{\"a\":\"é\"}"}}"#.utf8))
        #expect(sanitized.objectValue?["content"]?.objectValue?["data"] == summary(10))
    }

    @Test(arguments: [
        #"{"data":"BODY"}"#, #"{"content":"BODY"}"#, #"{"content":{"dta":{"body":"BODY"}}}"#, #"{"Content":["BODY"]}"#,
        #"{"createdBy":{"token":"BODY"}}"#, #"{"targets":[{"credentials":{"secret":"BODY"}}]}"#,
        #"{"policy":{"termsJson":{"apiKey":"BODY"}}}"#,
    ])
    func `lets neither misplaced content nor a credential through`(text: String) throws {
        let sanitized = try sanitize(Array(text.utf8))
        #expect(!String(decoding: sanitized.serialized(), as: UTF8.self).contains("BODY"))
    }

    @Test(arguments: ["", "{", "[1]", "BODY", #"{"a":1,"a":2}"#])
    func `a body that is no object becomes size and digest`(text: String) throws {
        #expect(try sanitize(Array(text.utf8)) == summary(text.utf8.count))
    }

    @Test func `a huge body is not looked into`() throws {
        let body = Array("{\"a\":\"".utf8) + [UInt8](repeating: 0x78, count: 4_194_304) + Array("\"}".utf8)
        #expect(try sanitize(body) == summary(body.count))
    }

    /// It is done on the thread that keeps the broker's connections alive.
    @Test func `takes time in proportion to the members`() throws {
        let names = (0..<40_000).map { "\"m\($0)\":1" }.joined(separator: ",")
        let body = Array("{\"a\":1,\"content\":{\(names)},\"targets\":[{\(names)}],\(names)}".utf8)
        let took = try ContinuousClock().measure { _ = try sanitize(body) }
        #expect(took < .seconds(10))
    }
}
