/// When a trouble that lasts is worth a line in the log again: at once where its reason is another, else after a while.
struct ReportPace {
    private static let pause = Duration.seconds(30)

    private var last: (error: AMQPError, moment: ContinuousClock.Instant)?

    /// Whether it is to be told of now; it counts as told then.
    mutating func isDue(_ error: AMQPError, at now: ContinuousClock.Instant) -> Bool {
        if let last, last.error == error, now - last.moment < Self.pause { return false }
        last = (error, now)
        return true
    }
}
