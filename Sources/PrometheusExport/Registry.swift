/// All series, by family.
struct Registry: Sendable {
    struct Family: Sendable {
        let kind: MetricKind
        /// The label as it was first given, before it was made a legal name.
        let label: String
        var series: [SeriesKey: any Series]
    }

    private(set) var families: [String: Family] = [:]

    /// The series under this key, made where it is new; one that would break its family is made, but not kept.
    mutating func series<Made: Series>(
        label: String, kind: MetricKind, key: SeriesKey, make: () -> Made
    ) -> Made {
        let name = MetricName.legal(label)
        var family = families[name] ?? Family(kind: kind, label: label, series: [:])
        guard family.kind == kind else { return make() }
        if let known = family.series[key] { return known as? Made ?? make() }
        let made = make()
        family.series[key] = made
        families[name] = family
        return made
    }

    mutating func remove(_ series: any Series) {
        for (name, family) in families {
            guard let key = family.series.first(where: { $0.value === series })?.key else { continue }
            families[name]?.series[key] = nil
            if families[name]?.series.isEmpty == true { families[name] = nil }
            return
        }
    }
}
