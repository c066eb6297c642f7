import Logging

/// One event on its way to a line.
struct LogEntry {
    let time: String
    let level: Logger.Level
    let message: String
    /// Who logs.
    let label: String
    /// Sorted by name.
    let data: [(key: String, value: Logger.MetadataValue)]
}

/// How an entry becomes a line, without the line break.
protocol LogLayout: Sendable {
    func line(_ entry: LogEntry) -> String
}
