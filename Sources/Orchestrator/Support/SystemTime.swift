package import Distribution
import Glibc

/// The machine's clocks.
package struct SystemTime: TimeSource {
    private let start = ContinuousClock.now

    package init() {}

    package func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    package func monotonicMilliseconds() -> Int64 {
        let elapsed = (ContinuousClock.now - start).components
        return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
    }

    /// Rounded up, so that it never returns early by ``now()``.
    package func sleep(until moment: Timestamp) async throws {
        while true {
            let remaining = moment.milliseconds(since: now())
            guard remaining > 0 else { return try Task.checkCancellation() }
            try await Task.sleep(for: .milliseconds(remaining))
        }
    }
}
