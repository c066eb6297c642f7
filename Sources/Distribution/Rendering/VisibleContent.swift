/// What of a content may be shown, whatever the format; nothing else of it reaches a renderer.
struct VisibleContent {
    let excerptOnly: Bool
    /// The first of summary, excerpt and description that holds text, at most 500 graphemes; else empty.
    let excerpt: String
    private let content: Content
    private let transform: Transform
    private let hidden: Set<String>
    /// The field whose whole text is the excerpt.
    private let excerptField: String?

    init(_ input: RenderingInput) {
        excerptOnly = input.excerptOnly || input.transform.excerptOnly
        content = input.content
        transform = input.transform
        let hidden = excerptOnly ? Set(input.content.premiumFields) : []
        self.hidden = hidden
        let source = ["summary", "excerpt", "description"].lazy
            .filter { !hidden.contains($0) }
            .compactMap { name in input.content.data[name]?.stringValue.map { (name: name, text: $0) } }
            .first { !$0.text.isEmpty }
        let shortened = source.map { Self.shortened($0.text) } ?? ""
        excerpt = shortened
        excerptField = source?.text == shortened ? source?.name : nil
    }

    /// A field that holds text and may be shown.
    func text(_ name: String) -> String? {
        hidden.contains(name) ? nil : content.data[name]?.stringValue
    }

    var canonicalURL: String? {
        transform.includeCanonicalURL && !hidden.contains("canonicalUrl") ? content.canonicalURL : nil
    }

    var attribution: String? {
        transform.includeAttribution ? text("attribution") : nil
    }

    /// The fields that show nowhere else; none where only the excerpt may leave.
    var otherFields: JSONObject {
        guard !excerptOnly else { return JSONObject() }
        let others = content.data.members.filter { member in
            switch member.name {
            case "title", "slug", "body": member.value.stringValue == nil
            case "attribution": transform.includeAttribution && member.value.stringValue == nil
            case "canonicalUrl": transform.includeCanonicalURL
            default: member.name != excerptField
            }
        }
        return JSONObject(uniqueMembers: others)
    }

    private static func shortened(_ text: String) -> String {
        text.utf8.count <= WebhookBody.excerptLength ? text : String(text.prefix(WebhookBody.excerptLength))
    }
}
