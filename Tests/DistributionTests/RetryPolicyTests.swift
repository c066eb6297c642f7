import Distribution
import DistributionTesting
import Testing

@Suite struct RetryPolicyTests {
    private static let bases: [Int64] = [
        100, 150, 500, 1_000, 4_900, 5_000, 60_000, 300_000, 1_800_000, 7_200_000, 86_400_000, 604_800_000,
    ]

    /// Whether a delay passes at most five levels of the ladder.
    private func hasFiveBits(_ milliseconds: Int64) -> Bool {
        guard milliseconds > 0, milliseconds % 100 == 0 else { return milliseconds == 0 }
        let units = milliseconds / 100
        return units >> Int64(units.trailingZeroBitCount) < 32
    }

    @Test(arguments: bases)
    func `a jittered delay is in its range, spread, and cheap for the ladder`(base: Int64) {
        let random = SeededRandomness(seed: UInt64(base))
        for jitter in [0.01, 0.1, 0.25, 0.5] {
            let policy = RetryPolicy(schedule: .explicit([base]), jitter: jitter)
            let low = Double(base) * (1 - jitter)
            let high = Double(base) * (1 + jitter)
            let grid = stride(from: Int64(0), through: 13_000_000, by: 1).lazy.map { $0 * 100 }
            let isGridInside =
                base >= 100_000
                ? jitter >= 0.1
                : grid.prefix(2_000).contains { delay in
                    hasFiveBits(delay) && (low...high).contains(Double(delay))
                }
            for _ in 0..<200 {
                let delay = policy.delayMilliseconds(afterAttempt: 0, unit: random.unitInterval()) ?? -1
                #expect(hasFiveBits(delay))
                #expect(Double(delay) >= low, "never early")
                if isGridInside { #expect(Double(delay) <= high) }
            }
        }
    }

    @Test func `an hour-long delay takes several values`() {
        let policy = RetryPolicy(schedule: .explicit([3_600_000]))
        let random = SeededRandomness(seed: 1)
        let delays = Set(
            (0..<500).compactMap { _ in
                policy.delayMilliseconds(afterAttempt: 0, unit: random.unitInterval())
            })
        #expect(delays.count >= 3)
    }

    @Test(
        arguments: [(0, 0), (1, 100), (99, 100), (100, 100), (101, 200), (5_000, 5_000), (33_333, 33_400)]
            as [(Int64, Int64)])
    func `without jitter a delay is rounded up to the unit`(base: Int64, expected: Int64) {
        let policy = RetryPolicy(schedule: .explicit([base]), jitter: 0)
        for unit in [0, 0.5, 0.999] { #expect(policy.delayMilliseconds(afterAttempt: 0, unit: unit) == expected) }
    }

    @Test(arguments: [(0.0, 4_600), (0.3, 4_800), (0.5, 5_000), (0.999, 5_400)] as [(Double, Int64)])
    func `works as its table says`(unit: Double, expected: Int64) {
        #expect(RetryPolicy.standard.delayMilliseconds(afterAttempt: 0, unit: unit) == expected)
    }

    @Test func `the standard schedule makes ten attempts over 75.6 hours`() {
        let policy = RetryPolicy(schedule: RetryPolicy.standard.schedule, jitter: 0)
        let delays = (0..<20).map { policy.delayMilliseconds(afterAttempt: $0, unit: 0) }
        #expect(delays.compactMap(\.self).count == 9)
        #expect(delays[9...].allSatisfy { $0 == nil })
        #expect(delays.compactMap(\.self).reduce(0, +) == 272_105_000)
        #expect(policy.maxAttempts == 10)
    }

    @Test func `an exponential schedule grows to its cap and ends`() {
        let policy = RetryPolicy(
            schedule: .exponential(maxAttempts: 6, initial: 5_000, multiplier: 4, cap: 100_000), jitter: 0)
        let delays = (0..<6).map { policy.delayMilliseconds(afterAttempt: $0, unit: 0) }
        #expect(delays == [5_000, 20_000, 80_000, 100_000, 100_000, nil])
    }

    @Test func `extremes neither trap nor turn negative`() {
        let schedules: [RetryPolicy.Schedule] = [
            .exponential(maxAttempts: Int.max, initial: Int64.max / 4, multiplier: 1e300, cap: 604_800_000),
            .exponential(maxAttempts: Int.max, initial: 0, multiplier: 0, cap: -1),
            .explicit([-5]), .explicit([]),
        ]
        for schedule in schedules {
            for jitter in [0, 0.5] {
                let policy = RetryPolicy(schedule: schedule, jitter: jitter)
                for (step, unit) in [(0, -1.0), (0, 2), (1_000_000, 0.5), (-1, 0)] {
                    #expect(policy.delayMilliseconds(afterAttempt: step, unit: unit) ?? 0 >= 0)
                }
            }
        }
    }
}
