/// When a failed job is tried again: the delays between its attempts, each varied by ± `jitter`.
///
/// One attempt more than there are delays. The default is that of Standard Webhooks: at once, then 5 s, 5 min, 30 min,
/// 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: ten attempts over 75.6 h.
package struct RetryPolicy: Sendable, Hashable {
    package enum Schedule: Sendable, Hashable {
        /// The delays themselves, in milliseconds; empty means a single attempt.
        case explicit([Int64])
        /// `initial · multiplierⁿ`, at most `cap`, in milliseconds.
        case exponential(maxAttempts: Int, initial: Int64, multiplier: Double, cap: Int64)
    }

    package let schedule: Schedule
    /// The share of a delay by which it is varied either way, 0 to 0.5.
    package let jitter: Double

    package init(schedule: Schedule, jitter: Double = 0.1) {
        self.schedule = schedule
        self.jitter = jitter
    }

    package static let standard = RetryPolicy(
        schedule: .explicit([5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400].map { $0 * 1000 })
    )

    package var maxAttempts: Int {
        switch schedule {
        case .explicit(let delays): delays.count + 1
        case .exponential(let maxAttempts, _, _, _): maxAttempts
        }
    }
}
