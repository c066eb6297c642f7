/// What a body is rendered from; two jobs with equal input get equal bytes.
package struct RenderingInput: Sendable, Hashable {
    package let domainID: DomainID
    package let contentItemID: Int64
    package let contentVersion: Int64
    package let content: Content
    package let transform: Transform
    /// Policy and transform joined.
    package let excerptOnly: Bool
    package let acceptedAt: Timestamp

    package init(
        domainID: DomainID, contentItemID: Int64, contentVersion: Int64, content: Content, transform: Transform,
        excerptOnly: Bool, acceptedAt: Timestamp
    ) {
        self.domainID = domainID
        self.contentItemID = contentItemID
        self.contentVersion = contentVersion
        self.content = content
        self.transform = transform
        self.excerptOnly = excerptOnly
        self.acceptedAt = acceptedAt
    }
}

/// Rendered bytes and their media type.
package struct RenderedBody: Sendable, Hashable {
    package let contentType: String
    package let bytes: [UInt8]

    package init(contentType: String, bytes: [UInt8]) {
        self.contentType = contentType
        self.bytes = bytes
    }
}
