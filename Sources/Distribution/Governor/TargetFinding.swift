/// What an attempt has shown about its target and must outlive the process; written in the attempt's transaction.
package enum TargetFinding: Sendable, Hashable {
    /// It asked to be left alone. Paused until then, unless it is paused for longer; owes `target.paused` where it was
    /// not paused.
    case throttled(until: Timestamp, reason: String)
    /// No success since then, and that for some time.
    case failing(since: Timestamp)
    /// It takes requests again, after ``failing(since:)``.
    case recovered
    /// No success since then, and that for too long: disabled. Owes `target.disabled`.
    case failedTooLong(since: Timestamp)

    /// Why a target is disabled that failed for too long.
    package static func exhaustion(since: Timestamp) -> String {
        "No delivery has succeeded since \(since): five days of attempts."
    }
}
