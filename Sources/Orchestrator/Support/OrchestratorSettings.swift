package import Distribution

/// What an operator may set about the orchestrator.
package struct OrchestratorSettings: Sendable, Hashable {
    /// Attempts in flight at once over all targets (`CLAWCAST_CONCURRENCY`), at least 1.
    package var concurrency: Int
    /// Messages that one target's consumer holds unsettled at most, below its `maxInFlight`.
    package var prefetchPerTarget: Int
    /// How the queues of new targets are kept (`CLAWCAST_TARGET_QUEUE_TYPE`).
    package var queueType: QueueType
    /// Milliseconds that attempts in flight have to end once the service is asked to stop.
    package var drainMilliseconds: Int64
    /// Milliseconds that the broker's confirms may wait to be noted in the ledger together; a crash within them costs
    /// copies of messages, which are found out.
    package var confirmDelayMilliseconds: Int64

    package init(
        concurrency: Int = 256, prefetchPerTarget: Int = 16, queueType: QueueType = .quorum,
        drainMilliseconds: Int64 = 10_000, confirmDelayMilliseconds: Int64 = 170
    ) {
        self.concurrency = concurrency
        self.prefetchPerTarget = prefetchPerTarget
        self.queueType = queueType
        self.drainMilliseconds = drainMilliseconds
        self.confirmDelayMilliseconds = confirmDelayMilliseconds
    }
}
