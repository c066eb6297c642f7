/// Where the time comes from, so that a test can hold the clock.
package protocol TimeSource: Sendable {
    /// The moment in UTC; may step backwards when the machine's clock is set.
    func now() -> Timestamp
    /// Milliseconds on a clock that never steps; only differences mean anything.
    func monotonicMilliseconds() -> Int64
    /// Returns once the moment has come by ``now()``.
    ///
    /// - Throws: `CancellationError` where the task is cancelled first.
    func sleep(until moment: Timestamp) async throws
}
