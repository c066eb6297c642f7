/// The growing pauses between attempts to mend a consumer: 100 ms, doubling to 2 s.
struct RetryPause: Sendable {
    private var next = Duration.milliseconds(100)
    private static let longest = Duration.seconds(2)

    /// - Throws: `CancellationError` where the task is cancelled meanwhile.
    mutating func wait() async throws {
        let pause = next
        next = min(next * 2, Self.longest)
        try await ContinuousClock().sleep(for: pause)
    }
}
