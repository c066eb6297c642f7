import Distribution
import Logging

/// Hands jobs out again whose message the broker has lost.
///
/// Queues cannot be searched. A job is missing when it has been due for over 10 minutes, its target is consuming, nothing
/// of that target is in hand here, and its queue reads empty twice, a minute apart. It is published again with a new
/// epoch, so that a mistake costs one stale ack.
struct Reconciler: Sendable {
    /// Jobs that are handed out anew in one transaction.
    private static let batchLimit = 500

    let ports: Ports
    let releaser: Releaser
    let settings: OrchestratorSettings
    let metrics: OrchestratorMetrics
    /// The queue of a target that takes attempts now: active, its queue open, and nothing that holds it back; nil for
    /// any other.
    let consumedQueue: @Sendable (TargetID) -> TargetQueue?
    /// Whether a message of a target is in hand, waiting for its turn or attempted.
    let hasInHand: @Sendable (TargetID) -> Bool

    /// Looks for missing jobs until cancelled.
    func run() async {
        guard let interval = settings.reconcileIntervalMilliseconds else { return }
        do {
            while true {
                try await rest(interval)
                let suspects = await suspects()
                guard !suspects.isEmpty else { continue }
                try await rest(settings.reconcileConfirmMilliseconds)
                for target in suspects where await readsEmpty(target) { await handOutAnew(target) }
            }
        } catch {
            // Cancelled.
        }
    }

    private func rest(_ milliseconds: Int64) async throws {
        try await ports.time.sleep(until: ports.time.now().adding(milliseconds: milliseconds))
    }

    /// Since when a job must have been due, and untouched, to be missed.
    private var overdueSince: Timestamp {
        ports.time.now().adding(milliseconds: -settings.missingAfterMilliseconds)
    }

    /// Targets with overdue jobs and an empty queue, by id.
    private func suspects() async -> [TargetID] {
        let cutoffs = WaitingCutoffs(settledBefore: overdueSince, delayedAfter: ports.time.now())
        let waiting: [TargetID: WaitingJobs]
        do {
            waiting = try await ConservationCheck(ledger: ports.ledger).waitingJobs(cutoffs)
        } catch {
            ports.logger.warning("Overdue jobs could not be looked for.", metadata: ["error": "\(error)"])
            return []
        }
        var suspects: [TargetID] = []
        for target in waiting.filter({ $0.value.settled > 0 }).keys.sorted() where await readsEmpty(target) {
            suspects.append(target)
        }
        return suspects
    }

    /// Whether nothing of a target that is consumed waits in its queue or is in hand.
    private func readsEmpty(_ target: TargetID) async -> Bool {
        guard let queue = consumedQueue(target), !hasInHand(target) else { return false }
        guard let depth = try? await ports.broker.depth(of: queue) else { return false }
        // A queue that has lost its leader reads empty, too, and has no consumer then.
        return depth.ready == 0 && depth.consumers > 0 && !hasInHand(target)
    }

    private func handOutAnew(_ target: TargetID) async {
        let (moment, now) = (overdueSince, ports.time.now())
        var (count, last): (Int, JobID?) = (0, nil)
        do {
            repeat {
                let step = try await ports.ledger.reissueOverdueJobs(
                    of: target, dueBefore: moment, after: last, limit: Self.batchLimit, at: now)
                count += step.count
                last = step.last
            } while last != nil
        } catch {
            ports.logger.error(
                "Missing jobs could not be handed out again.",
                metadata: ["targetId": "\(target)", "error": "\(error)"])
        }
        guard count > 0 else { return }
        metrics.jobsMissed(count)
        ports.logger.warning(
            "Jobs that the broker had lost are handed out again.",
            metadata: ["targetId": "\(target)", "count": "\(count)"])
        releaser.sweepLedger()
    }
}
