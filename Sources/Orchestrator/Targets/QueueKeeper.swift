import Distribution
import Logging
import Synchronization

/// Keeps the queue of every active target declared and consumed, and of no other; hands out anew what a queue has lost.
///
/// Opening is tried until it succeeds; a target whose queue the broker refuses (somebody declared it otherwise) is tried
/// again at longer intervals and delays no other.
final class QueueKeeper: Sendable {
    private enum Wish: Sendable, Hashable {
        case open(prefetch: Int)
        case closed
        case removed
    }

    /// Jobs that are handed out anew in one transaction.
    private static let batchLimit = 500

    private let ports: Ports
    private let gate: LedgerGate
    private let directory: TargetDirectory
    private let releaser: Releaser
    private let settings: OrchestratorSettings
    private let changes: AsyncStream<TargetID>
    private let announce: AsyncStream<TargetID>.Continuation
    private let settled = Mutex<[TargetQueue: Wish]>([:])

    init(
        ports: Ports, gate: LedgerGate, directory: TargetDirectory, releaser: Releaser, settings: OrchestratorSettings
    ) {
        self.ports = ports
        self.gate = gate
        self.directory = directory
        self.releaser = releaser
        self.settings = settings
        (changes, announce) = AsyncStream.makeStream(of: TargetID.self)
    }

    /// Says that a target was created, changed or deleted; its queue follows.
    func targetChanged(_ id: TargetID) {
        announce.yield(id)
    }

    /// Follows the directory until cancelled.
    func run() async {
        for target in directory.all() { announce.yield(target.id) }
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await queue in self.ports.broker.renewedQueues { await self.handOutAnew(queue.targetID) }
            }
            for await id in changes {
                group.addTask { await self.follow(id) }
            }
        }
    }

    /// Stops consuming a target at once, as when it has just been disabled.
    func close(_ queue: TargetQueue) async {
        settled.withLock { $0[queue] = .closed }
        await ports.broker.close(queue)
    }

    /// The queue of a target that is active and consumed; nil for any other.
    func consumedQueue(of id: TargetID) -> TargetQueue? {
        guard let target = directory.target(id), target.isActive else { return nil }
        let queue = target.queue
        guard case .open = settled.withLock({ $0[queue] }) else { return nil }
        return queue
    }

    private func follow(_ id: TargetID) async {
        var backoff = Backoff(initial: 200, cap: 30_000)
        while let (queue, wish) = outstanding(id) {
            do throws(BrokerError) {
                try await fulfil(wish, of: queue)
                settled.withLock { $0[queue] = wish }
            } catch {
                ports.logger.warning(
                    "A target's queue is not as it should be; trying again.",
                    metadata: ["targetId": "\(id)", "error": "\(error)"]
                )
                guard (try? await backoff.wait(ports.time, ports.randomness)) != nil else { return }
            }
        }
    }

    /// Owes every job of a target that waits, as what the broker had confirmed of them is gone, and has them published.
    private func handOutAnew(_ id: TargetID) async {
        do {
            var last: JobID?
            repeat {
                let after = last
                last = try await gate.persist { () throws(LedgerError) in
                    try await ports.ledger.reissueOpenJobs(of: id, after: after, limit: Self.batchLimit)
                }
            } while last != nil
        } catch {
            guard !(error is CancellationError) else { return }
            ports.logger.error(
                "The jobs of a queue that was lost could not be handed out anew.",
                metadata: ["targetId": "\(id)", "error": "\(error)"])
        }
        releaser.sweepLedger()
    }

    private func fulfil(_ wish: Wish, of queue: TargetQueue) async throws(BrokerError) {
        switch wish {
        case .open(let prefetch): try await ports.broker.open(queue, prefetch: prefetch)
        case .closed: await ports.broker.close(queue)
        case .removed: try await remove(queue)
        }
    }

    /// Deletes the queue of a deleted target. While messages wait in it, it is consumed instead: the ledger knows their
    /// jobs as cancelled, so they are acked as stale, and the next try finds it empty.
    private func remove(_ queue: TargetQueue) async throws(BrokerError) {
        await ports.broker.close(queue)
        do throws(BrokerError) {
            try await ports.broker.remove(queue)
        } catch {
            if error.kind == .refused {
                try await ports.broker.open(queue, prefetch: settings.prefetchPerTarget)
            }
            throw error
        }
    }

    /// What is still to be done for a target; nil when all is as it should be.
    private func outstanding(_ id: TargetID) -> (TargetQueue, Wish)? {
        if let target = directory.target(id) {
            let queue = target.queue
            let prefetch = min(target.delivery.maxInFlight, settings.prefetchPerTarget)
            let wish = target.isActive ? Wish.open(prefetch: prefetch) : .closed
            return settled.withLock { $0[queue] } == wish ? nil : (queue, wish)
        }
        return settled.withLock { settled in
            guard let (queue, wish) = settled.first(where: { $0.key.targetID == id }), wish != .removed else {
                return nil
            }
            return (queue, .removed)
        }
    }
}

extension Target {
    var queue: TargetQueue { TargetQueue(targetID: id, channelType: channelType, type: queueType) }
}
