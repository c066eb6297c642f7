import FoundationEssentials

/// Where the next page of a list begins: the last id of this one, in a form that nobody should compute with.
enum Cursor {
    static func encode(_ id: Int64) -> String {
        let text = Data("v1:\(id)".utf8).base64EncodedString()
        return String(text.compactMap { Self.urlSafe($0) })
    }

    /// nil for anything that ``encode(_:)`` does not make.
    static func decode(_ text: String) -> Int64? {
        guard text.utf8.count <= 64 else { return nil }
        var padded = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        while padded.count % 4 != 0 { padded.append("=") }
        guard let data = Data(base64Encoded: padded), let plain = String(validating: data, as: UTF8.self),
            plain.hasPrefix("v1:"), let id = Query.identifier(String(plain.dropFirst(3))), encode(id) == text
        else { return nil }
        return id
    }

    private static func urlSafe(_ character: Character) -> Character? {
        switch character {
        case "+": "-"
        case "/": "_"
        case "=": nil
        default: character
        }
    }
}
