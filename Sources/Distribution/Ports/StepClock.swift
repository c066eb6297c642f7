/// How long a step of many rows has kept the ledger's writer to itself: others wait meanwhile, so it ends by the clock,
/// done or not.
///
/// A step looks at it after every part of its work, never before the first: however slow the machine, it comes forward.
package struct StepClock: Sendable {
    /// A step begins nothing more once it has taken so many milliseconds. The part under way and the commit come on top;
    /// together they are to stay below 50.
    package static let budget: Int64 = 15

    private let time: any TimeSource
    private let start: Int64

    package init(_ time: any TimeSource) {
        self.time = time
        start = time.monotonicMilliseconds()
    }

    package var elapsed: Int64 { time.monotonicMilliseconds() - start }
    package var isUsedUp: Bool { elapsed >= Self.budget }
}
