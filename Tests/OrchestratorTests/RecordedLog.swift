import Logging
import Synchronization

/// What was told people, in memory.
final class RecordedLog: Sendable {
    private let lines = Mutex<[String]>([])

    /// How many lines say this.
    func count(of message: String) -> Int { lines.withLock { $0.count { $0.contains(message) } } }

    var logger: Logger {
        Logger(label: "recorded") { _ in Handler(log: self) }
    }

    private struct Handler: LogHandler {
        let log: RecordedLog
        var logLevel = Logger.Level.info
        var metadata: Logger.Metadata = [:]

        init(log: RecordedLog) { self.log = log }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            log.lines.withLock { $0.append("\(event.message)") }
        }
    }
}
