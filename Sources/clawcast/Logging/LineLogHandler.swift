import Logging

/// Writes each event as one line to standard error: the time, the level, the sentence, and the data by name.
struct LineLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel: Logger.Level

    private let label: String
    private let layout: any LogLayout
    private let terminal: Terminal
    private let now: @Sendable () -> String

    init(
        label: String, level: Logger.Level, layout: any LogLayout, terminal: Terminal,
        now: @escaping @Sendable () -> String
    ) {
        self.label = label
        logLevel = level
        self.layout = layout
        self.terminal = terminal
        self.now = now
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        if let error = event.error { all["error"] = "\(error)" }
        let entry = LogEntry(
            time: now(), level: event.level, message: "\(event.message)", label: label,
            data: all.sorted { $0.key < $1.key })
        terminal.line(layout.line(entry))
    }
}
