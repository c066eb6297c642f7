package import Distribution

/// What an operator may set about the orchestrator.
package struct OrchestratorSettings: Sendable, Hashable {
    /// Attempts in flight at once over all targets (`CLAWCAST_CONCURRENCY`), at least 1.
    package var concurrency: Int
    /// Messages that one target's consumer holds unsettled at most, below its `maxInFlight`.
    package var prefetchPerTarget: Int
    /// Messages that the consumers of all targets hold unsettled at most, as long as that leaves each of them two.
    package var messagesInHand = 8_192
    /// Bytes of bodies that the consumers of all targets hold at most by the estimate, as long as that leaves each of
    /// them one message. Equal shares: 8,192 of the smallest that are reckoned with.
    package var bytesInHand = 32 << 20
    /// Bytes that one target's consumer holds at most, were each of its bodies as large as the largest seen lately, as
    /// long as that leaves it one message.
    package var bytesPerTarget = 4 << 20
    /// How the queues of new targets are kept (`CLAWCAST_TARGET_QUEUE_TYPE`).
    package var queueType: QueueType
    /// Milliseconds that attempts in flight have to end once the service is asked to stop.
    package var drainMilliseconds: Int64
    /// Milliseconds that the broker's confirms may wait to be noted in the ledger together; a crash within them costs
    /// copies of messages, which are found out.
    package var confirmDelayMilliseconds: Int64
    /// Milliseconds after which a wait for the time of a plan looks at the clock again, which somebody may have set.
    package var clockCheckMilliseconds: Int64 = 200
    /// Whether new jobs of idle targets are attempted without waiting for their message.
    package var startsPromptly = true
    /// Milliseconds between two searches for jobs that the broker has lost; nil for none.
    package var reconcileIntervalMilliseconds: Int64? = 300_000
    /// Milliseconds after which a queue must read empty again before its jobs count as missing.
    package var reconcileConfirmMilliseconds: Int64 = 60_000
    /// Milliseconds for which a job must have been due before it can be missing.
    package var missingAfterMilliseconds: Int64 = 600_000
    /// Milliseconds between two audits of the ledger, at least; nil for none.
    package var auditIntervalMilliseconds: Int64? = 300_000
    /// Milliseconds between two looks for what is too old to be kept; nil for none.
    package var retentionIntervalMilliseconds: Int64? = 600_000
    /// Milliseconds for which dead letters, and the bytes of jobs that have ended, are kept
    /// (`CLAWCAST_DEAD_LETTER_RETENTION_DAYS`).
    package var deadLetterRetentionMilliseconds: Int64 = 14 * 86_400_000
    /// Milliseconds for which a plan is kept after its end, with all that is its (`CLAWCAST_RETENTION_DAYS`).
    package var retentionMilliseconds: Int64 = 90 * 86_400_000

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

    /// What one of so many targets may hold: a fleet of thousands would fill the memory with what waits for its turn, and
    /// so would a few with large bodies. RabbitMQ counts messages alone, so their bytes are estimated.
    func prefetch(ofTargets count: Int, bodies: BodySizes.Estimate) -> Int {
        let byCount = min(prefetchPerTarget, max(2, messagesInHand / max(1, count)))
        guard bodies.largest > BodySizes.floor else { return byCount }
        let byShare = bytesInHand / max(1, count) / bodies.mean
        return min(byCount, max(1, min(byShare, bytesPerTarget / bodies.largest)))
    }
}
