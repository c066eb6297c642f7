/// How long a consumer group waits for the broker's answer to a consumer; plain arithmetic.
///
/// A queue without a leader never answers, and everything else on the channel waits behind it: so patience is short. A
/// broker that is slow with everything would lose one connection after the other that way: so it grows with each.
struct ConsumePatience: Sendable, Equatable {
    private var doublings = 0

    /// Seconds until a consumer that is being started counts as unanswered.
    func seconds(forProven isProven: Bool, _ configuration: ConnectionConfiguration) -> Int {
        let longest = configuration.consumeTimeoutSeconds
        guard !isProven, doublings < Int.bitWidth - 1 else { return longest }
        let (seconds, overflows) = configuration.consumePatienceSeconds.multipliedReportingOverflow(by: 1 << doublings)
        return overflows ? longest : min(seconds, longest)
    }

    /// A connection was given up for want of an answer.
    mutating func grow() {
        doublings = min(doublings + 1, Int.bitWidth)
    }

    /// All consumers have been restored on a connection.
    mutating func reset() {
        doublings = 0
    }
}
