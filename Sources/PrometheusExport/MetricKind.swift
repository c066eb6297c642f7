/// The metric types of the text format.
enum MetricKind: String, Sendable {
    case counter, gauge, histogram, summary

    /// The label name that the format keeps for itself.
    var reservedLabel: String? {
        switch self {
        case .counter, .gauge: nil
        case .histogram: "le"
        case .summary: "quantile"
        }
    }
}
