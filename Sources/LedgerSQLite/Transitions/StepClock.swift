import Distribution

/// How long a step of many rows has kept the writer to itself: others wait meanwhile, so it ends before it is done.
struct StepClock {
    /// A step begins nothing more once it has taken so many milliseconds; its commit comes on top.
    static let budget: Int64 = 15

    private let time: any TimeSource
    private let start: Int64

    init(_ time: any TimeSource) {
        self.time = time
        start = time.monotonicMilliseconds()
    }

    var elapsed: Int64 { time.monotonicMilliseconds() - start }
    var isUsedUp: Bool { elapsed >= Self.budget }
}
