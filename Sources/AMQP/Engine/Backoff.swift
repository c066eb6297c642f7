/// How long to wait before the next attempt to connect: doubling from 100 ms to 1 s, of which a random half, so that
/// many clients of one broker do not return in step.
///
/// It stays at 1 s however long the outage lasts: an attempt costs next to nothing, and work goes on as soon as the
/// broker is back.
struct Backoff {
    private var ceiling: Int64 = 100

    /// Milliseconds to wait now.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Int64 {
        defer { ceiling = min(ceiling * 2, 1_000) }
        return Int64.random(in: ceiling / 2...ceiling, using: &generator)
    }
}
