import Distribution
import Logging

/// Hands jobs out again whose message the broker has lost.
///
/// Queues cannot be searched. A job is missing when it has been due for over 10 minutes, its target is consuming, nothing
/// of that target is in hand here, and its queue reads empty twice, a minute apart. It is published again with a new
/// epoch, so that a mistake costs one stale ack.
///
/// Where nothing is in hand although the queue is consumed, twice, the broker may as well keep what it sends to itself
/// (see ``Broker/reopen(_:)``): in either case the queue is consumed anew. So is one in which something waits, twice,
/// while nothing of it is in hand, whether or not a job is missed: stale copies would stay there for ever.
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
    /// The same of all targets.
    let consumedQueues: @Sendable () -> [TargetQueue]
    /// Whether a message of a target is in hand, waiting for its turn or attempted.
    let hasInHand: @Sendable (TargetID) -> Bool

    /// Why nothing comes out of a queue that is consumed.
    private enum Silence: Hashable {
        /// Nothing is in it, as far as its broker says.
        case empty
        /// What is in it is not delivered.
        case deaf
    }

    /// Looks for missing jobs until cancelled.
    func run() async {
        guard let interval = settings.reconcileIntervalMilliseconds else { return }
        do {
            while true {
                try await rest(interval)
                let suspects = await suspects()
                guard !suspects.isEmpty else { continue }
                try await rest(settings.reconcileConfirmMilliseconds)
                for (target, reason) in suspects where await silence(of: target) == reason {
                    await breakSilence(of: target, reason)
                }
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

    /// Targets with overdue jobs that do not come, and others of which nothing comes although something waits; each by id.
    private func suspects() async -> [(target: TargetID, reason: Silence)] {
        let overdue = await overdueTargets()
        var suspects: [(target: TargetID, reason: Silence)] = []
        for target in overdue {
            if let reason = await silence(of: target) { suspects.append((target, reason)) }
        }
        return await suspects + deafTargets(besides: Set(overdue)).map { ($0, .deaf) }
    }

    private func overdueTargets() async -> [TargetID] {
        let cutoffs = WaitingCutoffs(settledBefore: overdueSince, delayedAfter: ports.time.now())
        do {
            let waiting = try await ConservationCheck(ledger: ports.ledger).waitingJobs(cutoffs)
            return waiting.filter { $0.value.settled > 0 }.keys.sorted()
        } catch {
            ports.logger.warning("Overdue jobs could not be looked for.", metadata: ["error": "\(error)"])
            return []
        }
    }

    private func deafTargets(besides others: Set<TargetID>) async -> [TargetID] {
        let queues = consumedQueues().filter { !others.contains($0.targetID) && !hasInHand($0.targetID) }
        guard !queues.isEmpty, let census = try? await ports.broker.census(of: queues) else { return [] }
        return queues.map(\.targetID).filter { (census.targets[$0]?.ready ?? 0) > 0 && !hasInHand($0) }.sorted()
    }

    /// Why nothing of a target is in hand although its queue is consumed; nil where something is, or nothing is known.
    private func silence(of target: TargetID) async -> Silence? {
        guard let queue = consumedQueue(target), !hasInHand(target) else { return nil }
        guard let depth = try? await ports.broker.depth(of: queue), !hasInHand(target) else { return nil }
        if depth.ready > 0 { return .deaf }
        // A queue that has lost its leader reads empty, too, and has no consumer then.
        return depth.consumers > 0 ? .empty : nil
    }

    private func breakSilence(of target: TargetID, _ reason: Silence) async {
        switch reason {
        case .empty: await handOutAnew(target)
        case .deaf:
            ports.logger.warning(
                "The broker does not deliver what waits in a target's queue; its consumer is made anew.",
                metadata: ["targetId": "\(target)"])
        }
        if let queue = consumedQueue(target) { await ports.broker.reopen(queue) }
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
        ports.crashPoints?.reached(.missingJobsReissued)
        metrics.jobsMissed(count)
        ports.logger.warning(
            "Jobs that the broker had lost are handed out again.",
            metadata: ["targetId": "\(target)", "count": "\(count)"])
        releaser.sweepLedger()
    }
}
