extension RetryPolicy {
    /// The unit of the broker's delay ladder, in milliseconds.
    package static let unit: Int64 = 100

    /// How long to wait before the next attempt, once the attempt at place `step` (0 for the first) has failed.
    ///
    /// The delay is varied evenly within ± ``jitter`` and then moved to the nearest number of ladder units with at most
    /// five significant bits, so that it passes five levels of the ladder at most; where the range holds no such number
    /// it is the next one above. Without jitter it is rounded up to the unit. With ± 10 %:
    ///
    /// | base | range | possible results |
    /// |---|---|---|
    /// | 0.5 s | 0.45–0.55 s | 0.5 s |
    /// | 5 s | 4.5–5.5 s | 4.6, 4.8, 5.0, 5.2, 5.4 s |
    /// | 300 s | 270–330 s | 281.6, 294.4, 307.2, 320.0 s |
    /// | 24 h | 21.6–26.4 h | 21.85, 22.76, 23.67, 24.58, 25.49, 26.40 h (rounded here) |
    ///
    /// - Parameter unit: Chance, in 0 ..< 1.
    /// - Returns: Milliseconds, a multiple of 100; nil where the schedule is used up.
    package func delayMilliseconds(afterAttempt step: Int, unit: Double) -> Int64? {
        guard let base = baseDelay(step) else { return nil }
        guard jitter > 0 else { return Self.roundedUp(base) }
        let low = Double(base) * (1 - jitter)
        let high = Double(base) * (1 + jitter)
        return Self.quantized(low + (high - low) * min(max(unit, 0), 1), low: low, high: high)
    }

    /// A delay as a multiple of the ladder's unit, never shorter.
    package static func roundedUp(_ milliseconds: Int64) -> Int64 {
        let atLeastZero = max(milliseconds, 0)
        return (atLeastZero / unit + (atLeastZero % unit > 0 ? 1 : 0)) * unit
    }

    private func baseDelay(_ step: Int) -> Int64? {
        guard step >= 0, step < maxAttempts - 1 else { return nil }
        switch schedule {
        case .explicit(let delays): return max(delays[step], 0)
        case .exponential(_, let initial, let multiplier, let cap):
            var delay = Double(max(initial, 0))
            for _ in 0..<step where delay < Double(cap) && multiplier > 1 { delay *= multiplier }
            return Int64(min(delay, Double(max(cap, 0))))
        }
    }

    private static func quantized(_ delay: Double, low: Double, high: Double) -> Int64 {
        let units = Int64((delay / Double(unit)).rounded(.down))
        let spacing = spacing(of: units)
        let below = units / spacing * spacing
        let above = below + spacing
        let isBelowInside = Double(below * unit) >= low
        let isAboveInside = Double(above * unit) <= high
        let isBelowNearer = delay - Double(below * unit) <= Double(above * unit) - delay
        let usesBelow = isBelowInside && (!isAboveInside || isBelowNearer)
        return (usesBelow ? below : above) * unit
    }

    /// The distance between neighbours with five significant bits.
    private static func spacing(of units: Int64) -> Int64 {
        let bits = Int64.bitWidth - units.leadingZeroBitCount
        return 1 << Int64(max(bits - 5, 0))
    }
}
