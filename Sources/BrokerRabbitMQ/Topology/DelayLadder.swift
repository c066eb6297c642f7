/// A binary ladder of delays: level k holds a message for `unit × 2^k` and hands it to the level below or past it.
///
/// A message enters at the level of its delay's highest set bit and stops at each level whose bit is set, so that any
/// multiple of the unit takes as many hops as it has bits, without one message waiting behind another.
package struct DelayLadder: Sendable, Hashable {
    package let levels: Int
    package let unitMilliseconds: Int64

    /// 23 levels of 100 ms and up: laps of as much as 9.7 days.
    package static let standard = DelayLadder(levels: 23, unitMilliseconds: 100)

    /// - Parameters:
    ///   - levels: 1 to 30; more or fewer are brought into that range.
    ///   - unitMilliseconds: The resolution, 1 ms to 60 s; brought into that range.
    package init(levels: Int, unitMilliseconds: Int64) {
        self.levels = min(max(levels, 1), 30)
        self.unitMilliseconds = min(max(unitMilliseconds, 1), 60_000)
    }

    /// How long level k holds a message, its `x-message-ttl`.
    package func holdMilliseconds(atLevel level: Int) -> Int64 { unitMilliseconds << Int64(level) }

    /// The longest delay of one way through the ladder.
    package var longestLapMilliseconds: Int64 { unitMilliseconds * Int64(mostSteps) }

    /// The way through the ladder that takes the delay, rounded up to the unit; nil for one that is due already.
    ///
    /// A delay beyond the longest lap gets the longest lap: its message comes out early and takes another one.
    package func lap(milliseconds: Int64) -> DelayLap? {
        guard milliseconds > 0 else { return nil }
        let steps = (milliseconds - 1) / unitMilliseconds + 1
        return DelayLap(steps: UInt32(min(steps, Int64(mostSteps))))
    }

    private var mostSteps: UInt32 { (1 << UInt32(levels)) - 1 }
}
