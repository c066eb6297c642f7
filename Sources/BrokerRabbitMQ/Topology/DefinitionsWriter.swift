internal import Distribution

/// Writes definitions as JSON with one object a line, so that a change of one queue is a change of one line.
enum DefinitionsWriter {
    static func text(_ sections: [(name: String, objects: [JSONObject])]) -> String {
        var text = "{\n"
        for (index, section) in sections.enumerated() {
            text += "  \(quoted(section.name)): [\n"
            text += section.objects.map { "    \(line(.object($0)))" }.joined(separator: ",\n")
            text += index == sections.count - 1 ? "\n  ]\n" : "\n  ],\n"
        }
        return text + "}\n"
    }

    private static func line(_ value: JSON) -> String {
        switch value {
        case .null: "null"
        case .bool(let flag): flag ? "true" : "false"
        case .number(let literal): literal
        case .string(let text): quoted(text)
        case .array(let elements): "[\(elements.map(line).joined(separator: ", "))]"
        case .object(let object):
            "{\(object.members.map { "\(quoted($0.name)): \(line($0.value))" }.joined(separator: ", "))}"
        }
    }

    /// RFC 8259 §7; control characters do not occur in names, but would be escaped.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\0"..."\u{1F}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
