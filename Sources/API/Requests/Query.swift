import Distribution
import Hummingbird
import HummingbirdCore

/// The parameters of a request's query: only known ones, each once.
struct Query: Sendable {
    private var values: [String: String] = [:]

    /// - Throws: `VALIDATION_ERROR` for an unknown or repeated name, as a mistyped filter would show everything.
    init(_ uri: URI, allowed: Set<String>) throws(Refusal) {
        for (name, value) in uri.queryParameters {
            let name = String(name)
            guard allowed.contains(name) else {
                let known = allowed.isEmpty ? "none" : allowed.sorted().joined(separator: ", ")
                throw Refusal(
                    .validationError, "The query has a parameter that this call does not know.",
                    remediation: "Remove it; known here: \(known).",
                    context: ["parameter": Sanitizer.message(String(name.prefix(64)))])
            }
            guard values.updateValue(String(value), forKey: name) == nil else {
                throw Self.refusal(name, "is given twice")
            }
        }
    }

    func has(_ name: String) -> Bool { values[name] != nil }

    /// The value that `read` makes of a parameter; nil where it is absent.
    func value<Value>(
        _ name: String, _ read: (String) -> Value?, _ complaint: String
    ) throws(Refusal) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = read(text) else { throw Self.refusal(name, complaint) }
        return value
    }

    func choice<Value: RawRepresentable & CaseIterable>(
        _ name: String
    ) throws(Refusal) -> Value? where Value.RawValue == String {
        let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
        return try value(name, Value.init(rawValue:), "must be one of: \(known)")
    }

    func id(_ name: String) throws(Refusal) -> Int64? {
        guard let text = values[name] else { return nil }
        guard let id = Self.identifier(text) else {
            throw Refusal(
                .invalidID, "\(name) is not an id.", remediation: Remediation.sentence(for: .invalidID),
                context: ["parameter": name])
        }
        return id
    }

    func isRehearsal() throws(Refusal) -> Bool {
        try value("mode", { $0 == "dry_run" ? true : nil }, "can only be dry_run") ?? false
    }

    func page() throws(Refusal) -> Page {
        let limit = try value("limit", Self.limit, "must be a whole number from 1 to 500") ?? 50
        let after = try value("cursor", Cursor.decode, "must be a nextCursor of this list")
        return Page(after: after ?? 0, limit: limit)
    }

    /// A positive whole number in plain digits.
    static func identifier(_ text: String) -> Int64? {
        guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let id = Int64(text),
            id > 0
        else { return nil }
        return id
    }

    private static func limit(_ text: String) -> Int? {
        identifier(text).flatMap { (1...500).contains($0) ? Int($0) : nil }
    }

    private static func refusal(_ name: String, _ complaint: String) -> Refusal {
        Refusal(
            .validationError, "The query parameter \(name) \(complaint).",
            remediation: "Correct \(name) and send it again.", context: ["parameter": name])
    }
}
