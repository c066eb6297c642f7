import Glibc

/// What came of a sweep, for people who ran one by hand.
enum SimulationReport {
    static func write(_ report: SimulationSweep.Report) {
        note(text(report))
    }

    /// Appends to the file that `CLAWCAST_SIM_REPORT` names, where it names one.
    static func note(_ text: String) {
        guard let path = getenv("CLAWCAST_SIM_REPORT"), let file = fopen(path, "a") else { return }
        fputs(text + "\n", file)
        fclose(file)
    }

    private static func text(_ report: SimulationSweep.Report) -> String {
        let counts = report.coverage.counts.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
        var paragraphs: [String] = []
        if let only = report.only, only.violations.isEmpty {
            paragraphs.append(only.lines.joined(separator: "\n"))
            paragraphs.append("Seed \(only.seed) holds; its trace hash is \(String(only.traceHash, radix: 16)).")
        }
        paragraphs += report.failures.map(\.description)
        paragraphs.append("Met: \(counts).")
        paragraphs.append("Histories: \(String(report.histories, radix: 16)).")
        return paragraphs.joined(separator: "\n\n")
    }
}

extension SimulationRun.Outcome: CustomStringConvertible {
    var description: String {
        """
        Seed \(seed) fails:
        \(violations.map { "- \($0)" }.joined(separator: "\n"))
        Replay it with: deploy/simulate --seed \(seed)
        Its last steps:
        \(lines.joined(separator: "\n"))
        """
    }
}

extension FixedWidthInteger {
    /// A number from the environment; nil where there is none.
    init?(environment name: String) {
        guard let text = getenv(name) else { return nil }
        self.init(String(cString: text))
    }
}
