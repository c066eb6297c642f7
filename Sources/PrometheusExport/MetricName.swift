/// Turns the labels of swift-metrics, which may be any text, into the names that the text format takes.
enum MetricName {
    /// A legal metric name: `[a-zA-Z_:][a-zA-Z0-9_:]*`; every other character becomes `_`.
    static func legal(_ label: String) -> String {
        clean(label, allowing: UInt8(ascii: ":"))
    }

    /// A legal label name: `[a-zA-Z_][a-zA-Z0-9_]*`, not beginning with two underscores, as those are Prometheus's own.
    static func legalLabel(_ name: String) -> String {
        let cleaned = clean(name, allowing: nil)
        return cleaned.hasPrefix("__") ? "label" + cleaned : cleaned
    }

    private static func clean(_ text: String, allowing extra: UInt8?) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            let isLetter = ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
            let isDigit = ("0"..."9").contains(scalar)
            if name.isEmpty, isDigit { name = "_" }
            let isExtra = extra.map { scalar == Unicode.Scalar($0) } ?? false
            name.unicodeScalars.append(isLetter || isDigit || isExtra ? scalar : "_")
        }
        return name.isEmpty ? "_" : name
    }
}
