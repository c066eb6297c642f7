/// How long a target that asked to be left alone is left alone.
///
/// Attempts that were under way when it asked may prolong the pause by what they are told, and are not held to be a
/// second refusal.
struct ThrottlePause: Sendable, Hashable {
    static let firstPause: Int64 = 30_000
    static let longestUnasked: Int64 = 900_000

    private(set) var until: Timestamp?
    private var beganAt: Timestamp?
    /// Refusals in a row that named no time.
    private var streak = 0

    /// - Parameter requested: Milliseconds that the target named; nil where it named none, for which 30 s are taken, then
    ///   twice as long each time, up to 15 min.
    /// - Returns: Whether a pause begins or grows longer.
    mutating func throttled(requested: Int64?, startedAt: Timestamp, at now: Timestamp) -> Bool {
        let isLeftover = beganAt.map { startedAt < $0 } ?? false
        guard let end = end(requested, isLeftover, now), until.map({ end > $0 }) ?? true else { return false }
        if !isLeftover { beganAt = now }
        until = end
        return true
    }

    /// The target has taken something: what it refuses next is a new matter.
    mutating func accepted() { streak = 0 }

    /// Ends the pause, as when an operator says so.
    mutating func lift() { until = nil }

    private mutating func end(_ requested: Int64?, _ isLeftover: Bool, _ now: Timestamp) -> Timestamp? {
        if let requested { return now.adding(milliseconds: requested) }
        guard !isLeftover else { return nil }
        let pause = streak < 6 ? Self.firstPause << Int64(streak) : Self.longestUnasked
        streak += 1
        return now.adding(milliseconds: min(pause, Self.longestUnasked))
    }
}
