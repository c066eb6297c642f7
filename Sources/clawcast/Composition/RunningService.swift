import Distribution
import Orchestrator

/// A service that is up: where it is reached, and how it is stopped.
struct RunningService: Sendable {
    /// `http://127.0.0.1:4005`
    let apiAddress: String
    let adminKey: Secret
    let adminKeyFile: String
    let amqpURL: Secret
    let useCases: DistributionUseCases
    /// Stops it gracefully; ``ServiceComposition/run(onReady:)`` returns when it is done.
    let stop: @Sendable () async -> Void
}
