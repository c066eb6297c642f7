import Distribution
import Egress

/// What a receiver calls the thing that it accepted.
///
/// The `id` and `url` of a JSON object in the answer, else `location`. It is text of a stranger that people will see
/// and follow: ids are of one line, URLs are http or https, and anything else counts as not told.
struct ExternalReference: Equatable {
    /// A body up to this size is looked into.
    private static let longestAnswer = 4096
    private static let longestID = 255
    private static let longestURL = 2048

    var id: String?
    var url: String?

    init(_ response: OutboundResponse, to target: OutboundURL) {
        let answer = Self.object(in: response)
        id = answer?["id"].flatMap(Self.identifier)
        url = answer?["url"]?.stringValue.flatMap(Self.absolute)
        if url == nil { url = response.header("location").flatMap { Self.resolved($0, against: target) } }
    }

    private static func object(in response: OutboundResponse) -> JSONObject? {
        guard (2...longestAnswer).contains(response.body.count), !response.isBodyTruncated, !response.isEncoded,
            response.header("content-type").map(isJSON) == true
        else { return nil }
        return (try? JSON.parse(response.body))?.objectValue
    }

    /// `application/json` and everything that ends in `+json` (RFC 6839), parameters aside.
    private static func isJSON(_ contentType: String) -> Bool {
        if contentType == "application/json" { return true }
        let type = contentType.prefix { $0 != ";" && $0 != " " }.lowercased()
        return type == "application/json" || type == "text/json" || type.hasSuffix("+json")
    }

    private static func identifier(_ value: JSON) -> String? {
        let text: String
        switch value {
        case .string(let string): text = string
        case .number(let literal): text = literal
        default: return nil
        }
        return (1...longestID).contains(text.utf8.count) && text.unicodeScalars.allSatisfy(isPlain) ? text : nil
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        // Nearly every id is ASCII, for which the tables of Unicode are slow.
        guard !scalar.isASCII else { return (0x20...0x7E).contains(scalar.value) }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }

    private static func absolute(_ text: String) -> String? {
        guard text.utf8.count <= longestURL, (try? OutboundURL(text)) != nil else { return nil }
        return text
    }

    /// `location` as an absolute URL (RFC 9110 §10.2.2); of relative ones only those that begin with a single slash.
    private static func resolved(_ location: String, against target: OutboundURL) -> String? {
        guard location.hasPrefix("/"), !location.hasPrefix("//") else { return absolute(location) }
        return absolute(target.origin + location)
    }
}
