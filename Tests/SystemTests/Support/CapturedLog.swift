import Logging
import Synchronization

/// Everything that is logged, as text.
final class CapturedLog: Sendable {
    private let lines = Mutex<[String]>([])

    var text: String { lines.withLock { $0.joined(separator: "\n") } }
    var count: Int { lines.withLock { $0.count } }

    /// How many lines say this.
    func count(of message: String) -> Int { lines.withLock { $0.count { $0.contains(message) } } }

    func logger(level: Logger.Level) -> Logger {
        Logger(label: "captured") { _ in Handler(log: self, logLevel: level) }
    }

    private struct Handler: LogHandler {
        let log: CapturedLog
        var logLevel: Logger.Level
        var metadata: Logger.Metadata = [:]

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            var all = metadata
            if let own = event.metadata { all.merge(own) { $1 } }
            let error = event.error.map { " \($0)" } ?? ""
            log.lines.withLock { $0.append("\(event.message) \(all)\(error)") }
        }
    }
}
