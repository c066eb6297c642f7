/// The JSON that a webhook receives (contract, section 5).
///
/// With full access everything leaves: premium fields are what the licence was bought for, and `fields` holds every
/// member of the content whose whole value is not already elsewhere in the body (a title that is no string, the summary
/// when its excerpt is shortened). Where only the excerpt may leave, `body` and `fields` are absent, and a premium
/// field shows nowhere: a premium title is null, a premium summary yields to the next candidate for the excerpt.
package enum WebhookBody {
    /// Graphemes of an excerpt.
    static let excerptLength = 500

    package static func render(_ input: RenderingInput) -> RenderedBody {
        var writer = JSONWriter(reservingCapacity: 4_096)
        writer.beginObject()
        writer.key("type")
        writer.string("content_item.distributed")
        writer.key("timestamp")
        writer.timestamp(input.acceptedAt)
        writer.key("data")
        data(input, &writer)
        writer.endObject()
        return RenderedBody(contentType: "application/json", bytes: writer.bytes)
    }

    /// The body of a test send, which carries no content.
    package static func renderTest(at moment: Timestamp) -> RenderedBody {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("type")
        writer.string("clawcast.test")
        writer.key("timestamp")
        writer.timestamp(moment)
        writer.key("data")
        writer.beginObject()
        writer.endObject()
        writer.endObject()
        return RenderedBody(contentType: "application/json", bytes: writer.bytes)
    }

    private static func data(_ input: RenderingInput, _ writer: inout JSONWriter) {
        let content = VisibleContent(input)
        writer.beginObject()
        identity(input, &writer)
        writer.key("title")
        writer.string(content.text("title"))
        writer.key("slug")
        writer.string(content.text("slug"))
        writer.key("excerpt")
        writer.string(content.excerpt)
        writer.key("format")
        writer.string(input.transform.outputFormat.rawValue)
        if !content.excerptOnly {
            writer.key("body")
            writer.string(content.text("body"))
        }
        writer.key("canonicalUrl")
        writer.string(content.canonicalURL)
        writer.key("attribution")
        writer.string(content.attribution)
        writer.key("excerptOnly")
        writer.bool(content.excerptOnly)
        if !content.excerptOnly {
            writer.key("fields")
            writer.raw(.object(content.otherFields))
        }
        writer.key("createdAt")
        writer.timestamp(input.content.createdAt)
        writer.key("updatedAt")
        writer.timestamp(input.content.updatedAt)
        writer.endObject()
    }

    private static func identity(_ input: RenderingInput, _ writer: inout JSONWriter) {
        writer.key("domainId")
        writer.integer(input.domainID.rawValue)
        writer.key("contentItemId")
        writer.integer(input.contentItemID)
        writer.key("contentVersion")
        writer.integer(input.contentVersion)
        writer.key("contentTypeSlug")
        writer.string(input.content.contentTypeSlug)
    }
}
