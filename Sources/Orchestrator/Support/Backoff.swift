import Distribution

/// Waits that double from `initial` to `cap` milliseconds, each cut by up to a fifth at random.
struct Backoff {
    let initial: Int64
    let cap: Int64
    private var failures = 0

    init(initial: Int64 = 100, cap: Int64 = 5_000) {
        self.initial = initial
        self.cap = cap
    }

    /// Sleeps the next wait.
    ///
    /// - Throws: `CancellationError`.
    mutating func wait(_ time: any TimeSource, _ randomness: any Randomness) async throws {
        let doubled = initial << min(failures, 20)
        failures += 1
        let wait = Double(min(doubled, cap)) * (1 - randomness.unitInterval() / 5)
        try await time.sleep(until: time.now().adding(milliseconds: Int64(wait)))
    }
}

extension Backoff {
    /// Waits about half a second, or until cancelled: a message that goes back at once comes again at once.
    static func beforeGivingBack(_ ports: Ports) async {
        var pause = Backoff(initial: 500, cap: 500)
        try? await pause.wait(ports.time, ports.randomness)
    }
}
