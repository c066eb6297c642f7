/// Optional values of views: nil shows as `null`.
extension JSON {
    static func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
    static func whole(_ value: Int64?) -> JSON { value.map { .integer($0) } ?? .null }
    static func moment(_ value: Timestamp?) -> JSON { value.map { .string($0.iso8601) } ?? .null }
}
