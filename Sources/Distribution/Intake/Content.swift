/// The content item of a plan, as WordClaw sent it.
package struct Content: Sendable, Hashable {
    package let contentTypeID: Int64?
    package let contentTypeSlug: String?
    /// Must be `published` for anything to leave.
    package let status: String
    /// The item's fields; WordClaw may send them as a string that holds JSON.
    package let data: JSONObject
    /// Names of fields in ``data`` that never leave where only the excerpt may.
    package let premiumFields: [String]
    package let canonicalURL: String?
    package let createdAt: Timestamp?
    package let updatedAt: Timestamp?

    package init(
        contentTypeID: Int64?, contentTypeSlug: String?, status: String, data: JSONObject, premiumFields: [String],
        canonicalURL: String?, createdAt: Timestamp?, updatedAt: Timestamp?
    ) {
        self.contentTypeID = contentTypeID
        self.contentTypeSlug = contentTypeSlug
        self.status = status
        self.data = data
        self.premiumFields = premiumFields
        self.canonicalURL = canonicalURL
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }
}
