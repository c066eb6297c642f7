import Distribution
import Logging
import Orchestrator

extension Logger {
    /// The service's logger: lines on standard error in the configured format.
    static func service(level: Level, format: LogFormat, environment: [String: String]) -> Logger {
        let terminal = Terminal.diagnostics(environment)
        let layout: any LogLayout =
            switch format {
            case .text: TextLogLayout(terminal: terminal)
            case .json: JSONLogLayout()
            }
        let time = SystemTime()
        return Logger(label: "clawcast") { label in
            LineLogHandler(
                label: label, level: level, layout: layout, terminal: terminal, now: { time.now().iso8601 })
        }
    }
}
