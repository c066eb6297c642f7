/// What tells a series from the others of its family: its labels, sorted and written as the page shows them.
struct SeriesKey: Hashable, Sendable {
    /// `name="value",…` without braces; empty where there are no labels.
    let text: String

    /// Of names that become equal the first stays; a name that the format keeps for itself gets the prefix `exported_`.
    init(kind: MetricKind, dimensions: [(String, String)]) {
        guard !dimensions.isEmpty else {
            text = ""
            return
        }
        var values: [String: String] = [:]
        for (name, value) in dimensions {
            var name = MetricName.legalLabel(name)
            if name == kind.reservedLabel { name = "exported_" + name }
            if values[name] == nil { values[name] = value }
        }
        let labels = values.sorted { $0.key < $1.key }.map { "\($0.key)=\"\(ExpositionPage.escapedValue($0.value))\"" }
        text = labels.joined(separator: ",")
    }
}
