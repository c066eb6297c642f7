import Distribution

/// A moment as people say it: `just now`, `12 s ago`, `in 5 min`.
enum RelativeTime {
    static func text(_ moment: Timestamp, now: Timestamp) -> String {
        let milliseconds = moment.milliseconds(since: now)
        let span = span(milliseconds: abs(milliseconds))
        guard let span else { return "just now" }
        return milliseconds > 0 ? "in \(span)" : "\(span) ago"
    }

    /// The text of an ISO 8601 time; what cannot be read is shown as it is.
    static func text(_ text: String?, now: Timestamp) -> String? {
        guard let text else { return nil }
        return Timestamp(iso8601: text).map { Self.text($0, now: now) } ?? text
    }

    /// Nil below a second.
    private static func span(milliseconds: Int64) -> String? {
        switch milliseconds / 1000 {
        case 0: nil
        case let seconds where seconds < 90: "\(seconds) s"
        case let seconds where seconds < 90 * 60: "\((seconds + 30) / 60) min"
        case let seconds where seconds < 36 * 3600: "\((seconds + 1800) / 3600) h"
        case let seconds: "\((seconds + 43_200) / 86_400) d"
        }
    }
}
