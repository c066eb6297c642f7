extension PlanDecoder {
    static func content(_ reader: JSONReader) throws(Refusal) -> Content {
        Content(
            contentTypeID: try reader.optionalInteger("contentTypeId"),
            contentTypeSlug: try reader.optionalString("contentTypeSlug"),
            status: try reader.requiredString("status"), data: try data(reader),
            premiumFields: try reader.optionalStrings("premiumFields") ?? [],
            canonicalURL: try reader.optionalString("canonicalUrl"),
            createdAt: try reader.optionalTimestamp("createdAt"), updatedAt: try reader.optionalTimestamp("updatedAt"))
    }

    /// WordClaw stores the fields as text, so a string that holds an object serves as well.
    private static func data(_ reader: JSONReader) throws(Refusal) -> JSONObject {
        switch reader.object["data"] {
        case nil, .null: throw reader.refusal("data", "is required")
        case .object(let object): return object
        case .string(let text):
            let parsed: JSON
            do {
                parsed = try JSON.parse(text)
            } catch {
                throw reader.refusal("data", "is a string that does not hold JSON (\(error.reason))")
            }
            guard let object = parsed.objectValue else { throw reader.refusal("data", objectExpected) }
            return object
        default: throw reader.refusal("data", objectExpected)
        }
    }

    private static let objectExpected = "must be an object or a string that holds one"
}
