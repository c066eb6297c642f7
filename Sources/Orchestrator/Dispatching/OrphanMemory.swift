import Distribution

/// Which jobs have lately found no queue: one that does so again waits, longer each time, before it is handed out again.
struct OrphanMemory {
    /// Milliseconds; each further pause is twice as long, up to the longest.
    static let shortestPause: Int64 = 500
    static let longestPause: Int64 = 30_000
    /// Milliseconds after which a job is forgotten.
    private static let span: Int64 = 120_000
    /// As many jobs are remembered at most; beyond them all are forgotten.
    private static let limit = 10_000

    private var seen: [JobID: (times: Int, at: Int64)] = [:]

    /// Notes that a job is about to be handed out again.
    ///
    /// - Parameter now: Milliseconds on a clock that never steps.
    /// - Returns: How long it is to wait before.
    mutating func pause(before job: JobID, at now: Int64) -> Int64 {
        if seen.count >= Self.limit { seen = seen.filter { now - $0.value.at < Self.span } }
        if seen.count >= Self.limit { seen = [:] }
        guard let last = seen[job], now - last.at < Self.span else {
            seen[job] = (1, now)
            return 0
        }
        let pause = min(Self.shortestPause << min(last.times - 1, 10), Self.longestPause)
        seen[job] = (last.times + 1, now + pause)
        return pause
    }
}
