/// How long a consumer group waits for the broker's answer to a consumer; plain arithmetic.
///
/// A queue without a leader never answers, and everything else on the channel waits behind it: so patience is short. A
/// broker that is slow with everything would lose one connection after the other that way: so it grows with each.
struct ConsumePatience: Sendable, Equatable {
    /// Beyond any time limit.
    private static let largestFactor = 1 << 20

    private var factor = 1

    /// Seconds until a consumer that is being started counts as unanswered.
    func seconds(forProven isProven: Bool, _ configuration: ConnectionConfiguration) -> Int {
        let longest = configuration.consumeTimeoutSeconds
        return isProven ? longest : min(configuration.consumePatienceSeconds * factor, longest)
    }

    /// A connection was given up for want of an answer.
    mutating func grow() {
        factor = min(factor * 2, Self.largestFactor)
    }

    /// All consumers have been restored on a connection.
    mutating func reset() {
        factor = 1
    }
}
