/// Looks at what is set, beyond whether it can be read.
enum ConfigurationCheck {
    /// Variables that commands read beside the settings.
    private static let others: Set<String> = ["CLAWCAST_CONFIG", "CLAWCAST_API_KEY", "CLAWCAST_DOMAIN"]

    static func findings(_ configuration: ServiceConfiguration, _ environment: [String: String]) -> [Finding] {
        let set = configuration.origins.count
        var findings = [
            Finding(
                .ok, "configuration",
                set == 0
                    ? "all settings are the defaults"
                    : "\(set) setting\(set == 1 ? "" : "s") given, the rest are the defaults")
        ]
        let known = others.union(Setting.allCases.map(\.environmentName))
        for name in environment.keys.filter({ $0.hasPrefix("CLAWCAST_") && !known.contains($0) }).sorted() {
            findings.append(
                Finding(
                    .warn, "configuration", "\(name) is set, but there is no such setting",
                    remediation: "See `clawcast run --print-config` for the names."))
        }
        if !configuration.egressAllow.isEmpty {
            let blocks = configuration.egressAllow.map { "\($0)" }.joined(separator: ", ")
            findings.append(
                Finding(
                    .warn, "egress", "deliveries may go to \(blocks) although these are not public addresses",
                    remediation: "Keep CLAWCAST_EGRESS_ALLOW as narrow as the targets need."))
        }
        return findings
    }
}
