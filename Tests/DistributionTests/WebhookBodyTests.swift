import Distribution
import DistributionTesting
import Testing

@Suite struct WebhookBodyTests {
    private func render(
        _ content: Content, transform: Transform = Transform(), excerptOnly: Bool = false
    ) throws -> (text: String, data: JSONObject) {
        let input = RenderingInput(
            domainID: DomainID(1), contentItemID: 88, contentVersion: 3, content: content, transform: transform,
            excerptOnly: excerptOnly, acceptedAt: Sample.now)
        let rendered = WebhookBody.render(input)
        #expect(rendered.contentType == "application/json")
        #expect(rendered == WebhookBody.render(input))
        let data = try JSON.parse(rendered.bytes).objectValue?["data"]?.objectValue
        return (String(decoding: rendered.bytes, as: UTF8.self), try #require(data))
    }

    private func content(_ data: JSONObject, premium: [String] = []) -> Content {
        Sample.content(data: data, premiumFields: premium)
    }

    @Test func `is the contract's body, byte by byte`() throws {
        let expected =
            #"{"type":"content_item.distributed","timestamp":"2026-04-06T10:00:00.000Z","data":{"domainId":1,"#
            + #""contentItemId":88,"contentVersion":3,"contentTypeSlug":"article","title":"T","slug":"t","#
            + ##""excerpt":"S","format":"markdown","body":"# B","canonicalUrl":"https://example.com/t","##
            + #""attribution":null,"excerptOnly":false,"fields":{},"createdAt":"2026-04-06T09:00:00.000Z","#
            + #""updatedAt":"2026-04-06T10:00:00.000Z"}}"#
        #expect(try render(Sample.content()).text == expected)
    }

    @Test func `with full access nothing of the content is lost`() throws {
        let long = String(repeating: "x", count: 501)
        let data: JSONObject = [
            "title": .number("7"), "slug": .string("t"), "body": .array([.string("block")]), "summary": .string(long),
            "description": .string("D"), "price": .number("1.10"), "meta": .object(["a": .null]),
        ]
        let shown = try render(content(data, premium: ["body", "price"])).data
        #expect(shown["title"] == .null && shown["body"] == .null && shown["slug"] == .string("t"))
        #expect(shown["excerpt"]?.stringValue?.count == 500)
        let fields = shown["fields"]?.objectValue
        #expect(fields?.members.map(\.name) == ["title", "body", "summary", "description", "price", "meta"])
        #expect(fields?["price"] == .number("1.10"))
    }

    @Test func `only the excerpt leaves where only it may`() throws {
        let data: JSONObject = [
            "title": .string("T"), "slug": .string("t"), "summary": .string("S"), "body": .string("SECRET"),
            "notes": .string("SECRET"), "attribution": .string("By A"),
        ]
        for (policy, transform) in [(true, false), (false, true), (true, true)] {
            let shown = try render(content(data), transform: Transform(excerptOnly: transform), excerptOnly: policy)
            #expect(!shown.text.contains("SECRET"))
            #expect(
                shown.data.members.map(\.name) == [
                    "domainId", "contentItemId", "contentVersion", "contentTypeSlug", "title", "slug", "excerpt",
                    "format", "canonicalUrl", "attribution", "excerptOnly", "createdAt", "updatedAt",
                ])
            #expect(shown.data["attribution"] == .string("By A"))
            #expect(shown.data["excerptOnly"] == .bool(true))
        }
    }

    @Test func `no premium field shows in an excerpt, whichever it is`() throws {
        let names = ["title", "slug", "summary", "excerpt", "description", "attribution", "body", "canonicalUrl", "x"]
        let data = JSONObject(names.map { ($0, .string("<\($0)>")) })
        for mask in 0..<(1 << names.count) {
            let premium = names.indices.filter { mask >> $0 & 1 == 1 }.map { names[$0] }
            let shown = try render(content(data, premium: premium), excerptOnly: true)
            for name in premium { #expect(!shown.text.contains("<\(name)>")) }
            let first = ["summary", "excerpt", "description"].first { !premium.contains($0) }
            #expect(shown.data["excerpt"] == .string(first.map { "<\($0)>" } ?? ""))
            #expect(shown.data["title"] == (premium.contains("title") ? .null : .string("<title>")))
            #expect(shown.data["canonicalUrl"]?.isNull == premium.contains("canonicalUrl"))
        }
    }

    @Test(
        arguments: [
            (["summary": .string("A"), "excerpt": .string("B")], "A"),
            (["summary": .string(""), "excerpt": .string("B")], "B"),
            (["summary": .integer(5), "description": .string("C")], "C"), ([:], ""),
            (["excerpt": .string(String(repeating: "👩‍👩‍👧", count: 600))], String(repeating: "👩‍👩‍👧", count: 500)),
        ] as [(JSONObject, String)])
    func `the excerpt is the first text there is, at most 500 characters as people count`(
        data: JSONObject, expected: String
    ) throws {
        #expect(try render(content(data)).data["excerpt"] == .string(expected))
    }

    @Test func `leaves out what the transform leaves out, everywhere`() throws {
        let data: JSONObject = ["attribution": .string("By A"), "canonicalUrl": .string("https://example.com/t")]
        let shown = try render(
            content(data), transform: Transform(includeCanonicalURL: false, includeAttribution: false))
        #expect(shown.data["canonicalUrl"] == .null && shown.data["attribution"] == .null)
        #expect(!shown.text.contains("By A") && !shown.text.contains("example.com"))
    }

    @Test func `a test send carries no content`() {
        #expect(
            String(decoding: WebhookBody.renderTest(at: Sample.now).bytes, as: UTF8.self)
                == #"{"type":"clawcast.test","timestamp":"2026-04-06T10:00:00.000Z","data":{}}"#)
    }
}
