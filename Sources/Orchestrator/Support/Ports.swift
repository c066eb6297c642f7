package import Distribution
package import Logging

/// What every part of the orchestrator reaches the world through.
package struct Ports: Sendable {
    package let ledger: any Ledger
    package let broker: any Broker
    package let time: any TimeSource
    package let randomness: any Randomness
    package let logger: Logger
    /// Told of every boundary that is passed, where a test asks for it.
    package let crashPoints: (any CrashPoints)?

    package init(
        ledger: any Ledger, broker: any Broker, time: any TimeSource, randomness: any Randomness, logger: Logger,
        crashPoints: (any CrashPoints)? = nil
    ) {
        self.ledger = ledger
        self.broker = broker
        self.time = time
        self.randomness = randomness
        self.logger = logger
        self.crashPoints = crashPoints
    }
}
