import LocalBroker
import Logging
import Testing

/// Runs a suite beside a RabbitMQ node that is its own to torment.
struct OwnNode: SuiteTrait, TestScoping {
    @TaskLocal private static var running: PrivateBroker?

    /// The suite's node.
    static var current: PrivateBroker {
        get throws { try #require(running) }
    }

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        var logger = Logger(label: "own-node")
        logger.logLevel = .critical
        let node = try await PrivateBroker.startTemporary(logger: logger)
        let outcome = await Outcome {
            try await Self.$running.withValue(node) { try await body() }
        }
        await node.stop(removingDirectory: true)
        try outcome.get()
    }
}

extension Trait where Self == OwnNode {
    static var ownNode: OwnNode { OwnNode() }
}
