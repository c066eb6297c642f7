import Distribution
import Logging
import Synchronization

/// Keeps the queue of every target declared, and consumed where its governor lets attempts start; hands out anew what a
/// queue has lost.
///
/// Opening is tried until it succeeds; a target whose queue the broker refuses (somebody declared it otherwise) is tried
/// again at longer intervals and delays no other.
final class QueueKeeper: Sendable {
    private enum Wish: Sendable, Hashable {
        case consumed(prefetch: Int)
        /// Declared, so that jobs find it, and not consumed.
        case held
        case removed
    }

    /// A queue whose consumption has begun or ended.
    struct Transition: Sendable {
        let target: TargetID
        let isConsumed: Bool
    }

    private struct Standing {
        /// What was last made true.
        var fulfilled: Wish?
        /// Somebody is at it, and looks again afterwards.
        var isBusy = false
        /// Somebody else was at the queue meanwhile: what is made true now may not be when it is done.
        var isTouched = false
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
    private let standings = Mutex<[TargetQueue: Standing]>([:])
    private let consumed = Mutex<Set<TargetID>>([])
    /// For one reader.
    let transitions: AsyncStream<Transition>
    private let transition: AsyncStream<Transition>.Continuation

    init(
        ports: Ports, gate: LedgerGate, directory: TargetDirectory, releaser: Releaser, settings: OrchestratorSettings
    ) {
        self.ports = ports
        self.gate = gate
        self.directory = directory
        self.releaser = releaser
        self.settings = settings
        (changes, announce) = AsyncStream.makeStream(of: TargetID.self)
        (transitions, transition) = AsyncStream.makeStream(of: Transition.self)
    }

    /// Says that a target was created, changed, deleted, or is to be held back or let go; its queue follows.
    func targetChanged(_ id: TargetID) {
        announce.yield(id)
    }

    /// Takes over queues of deleted targets that an earlier process may have left: they are removed.
    func inherit(_ abandoned: [TargetQueue]) {
        standings.withLock { standings in
            for queue in abandoned { standings[queue] = Standing(fulfilled: .held) }
        }
        for queue in abandoned { announce.yield(queue.targetID) }
    }

    /// Says that somebody else has opened or declared a target's queue, which may have been held back meanwhile: what is
    /// wished of it is made true again.
    func touched(_ queue: TargetQueue) {
        standings.withLock { standings in
            guard var standing = standings[queue] else { return }
            standing.isTouched = standing.isBusy
            standing.fulfilled = nil
            standings[queue] = standing
        }
        announce.yield(queue.targetID)
    }

    /// Whether a target's queue is consumed, as far as anybody has asked for it.
    func isConsuming(_ id: TargetID) -> Bool {
        consumed.withLock { $0.contains(id) }
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

    private func follow(_ id: TargetID) async {
        var backoff = Backoff(initial: 200, cap: 30_000)
        while let (queue, wish) = take(id) {
            do throws(BrokerError) {
                try await fulfil(wish, of: queue)
            } catch {
                ports.logger.warning(
                    "A target's queue is not as it should be; trying again.",
                    metadata: ["targetId": "\(id)", "error": "\(error)"]
                )
                guard (try? await backoff.wait(ports.time, ports.randomness)) != nil else { return }
            }
        }
        // What holds the target back may end with time alone.
        guard case .hold(let until?) = stance(of: id) else { return }
        guard (try? await ports.time.sleep(until: until)) != nil else { return }
        announce.yield(id)
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

    /// Makes a wish come true that ``take(_:)`` has returned.
    private func fulfil(_ wish: Wish, of queue: TargetQueue) async throws(BrokerError) {
        var fulfilled: Wish?
        defer {
            standings.withLock { standings in
                guard var standing = standings[queue] else { return }
                standing.isBusy = false
                if standing.isTouched {
                    standing.fulfilled = nil
                } else if let fulfilled {
                    standing.fulfilled = fulfilled
                }
                standing.isTouched = false
                standings[queue] = standing
            }
        }
        let isDeclared = standings.withLock { $0[queue]?.fulfilled != nil }
        switch wish {
        case .consumed(let prefetch):
            consumed.withLock { _ = $0.insert(queue.targetID) }
            try await ports.broker.open(queue, prefetch: prefetch)
        case .held:
            if !isDeclared { try await ports.broker.declare(queue) }
            await ports.broker.close(queue)
            consumed.withLock { _ = $0.remove(queue.targetID) }
        case .removed: try await remove(queue)
        }
        fulfilled = wish
        transition.yield(Transition(target: queue.targetID, isConsumed: isConsuming(queue.targetID)))
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
        consumed.withLock { _ = $0.remove(queue.targetID) }
    }

    /// What is still to be done for a target, for the caller alone to do; nil when all is as it should be, or somebody is
    /// at it, who looks again afterwards.
    private func take(_ id: TargetID) -> (TargetQueue, Wish)? {
        let present = directory.target(id)?.queue
        let wish: Wish =
            switch stance(of: id) {
            case .consume(let prefetch): .consumed(prefetch: prefetch)
            case .hold: .held
            case nil: .removed
            }
        return standings.withLock { standings in
            guard let queue = present ?? standings.keys.first(where: { $0.targetID == id }) else { return nil }
            let standing = standings[queue] ?? Standing()
            guard !standing.isBusy, standing.fulfilled != wish else { return nil }
            standings[queue, default: standing].isBusy = true
            return (queue, wish)
        }
    }

    private func stance(of id: TargetID) -> TargetGovernor.Stance? {
        directory.stance(of: id, prefetch: settings.prefetchPerTarget, at: ports.time.now())
    }
}

extension Target {
    var queue: TargetQueue { TargetQueue(targetID: id, channelType: channelType, type: queueType) }
}
