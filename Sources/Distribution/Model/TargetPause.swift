/// A time in which a target takes no attempts; its jobs wait in its queue.
package struct TargetPause: Sendable, Hashable {
    /// nil: until somebody resumes it.
    package let until: Timestamp?
    package let reason: String

    package init(until: Timestamp?, reason: String) {
        self.until = until
        self.reason = reason
    }

    package func holds(at now: Timestamp) -> Bool {
        until.map { $0 > now } ?? true
    }

    /// Whether it holds longer than another.
    package func outlasts(_ other: TargetPause) -> Bool {
        guard let end = other.until else { return false }
        return until.map { $0 > end } ?? true
    }
}
