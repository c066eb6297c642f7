import Distribution
import Logging

/// `2026-04-06T10:00:04.000Z info Ready. api=http://127.0.0.1:4005`
struct TextLogLayout: LogLayout {
    let terminal: Terminal

    func line(_ entry: LogEntry) -> String {
        var line = terminal.styled(entry.time, .dim) + " "
        line += terminal.styled(entry.level.rawValue, style(of: entry.level)) + " "
        line += DisplayText.safe(entry.message)
        for (key, value) in entry.data {
            line += " " + terminal.styled(key + "=", .dim) + Self.quotedIfNeeded("\(value)")
        }
        return line
    }

    private func style(of level: Logger.Level) -> Style? {
        switch level {
        case .trace, .debug: .dim
        case .info: .cyan
        case .notice: .green
        case .warning: .yellow
        case .error, .critical: .red
        }
    }

    /// A value that would not read as one word is quoted as JSON; that also keeps it on its line.
    private static func quotedIfNeeded(_ value: String) -> String {
        let isWord =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy { scalar in
                scalar.value > 0x20 && scalar.value != 0x7F && scalar != "\"" && scalar != "="
                    && !(0x80...0x9F).contains(scalar.value)
            }
        return isWord ? value : DisplayText.safe(JSON.string(value).compactText)
    }
}
