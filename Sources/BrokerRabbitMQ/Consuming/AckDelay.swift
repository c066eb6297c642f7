/// How long an ack may wait for others.
enum AckDelay {
    /// Longer than a delivery usually takes, so that the ack of a plan is not written while its outcomes are; so short that
    /// nobody who looks at the queues sees it.
    static let usual = Duration.milliseconds(10)
}
