import Distribution
import Logging
import Synchronization

/// Keeps the queue of every target declared, and consumed where its governor lets attempts start; hands out anew what a
/// queue has lost.
///
/// Opening is tried until it succeeds: at once when the broker comes back, and every few seconds where it refuses a
/// queue (somebody else declared it otherwise). Such a target is in quarantine meanwhile and delays no other.
final class QueueKeeper: Sendable {
    enum Wish: Sendable, Hashable {
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

    private enum Step {
        case fulfil(Wish, of: TargetQueue)
        /// Somebody is at it, and looks again afterwards.
        case underWay
        case done
    }

    private struct Standing {
        /// What was last made true; nil where that is not known.
        var fulfilled: Wish?
        var isUnderWay = false
    }

    private struct State {
        var standings: [TargetQueue: Standing] = [:]
        /// Targets whose queue is consumed, as far as anybody has asked for it.
        var consumed: Set<TargetID> = []
        /// Queues into which something may have been published before they were opened here: those of targets that were
        /// there at the start, and those opened since.
        var familiar: Set<TargetQueue> = []
        /// When somebody looks again after a target that is held back until then; one for each.
        var reviews: [TargetID: Timestamp] = [:]
        /// Targets whose jobs found no queue, which is being mended; true where another one came meanwhile.
        var homeless: [TargetID: Bool] = [:]
    }

    /// Milliseconds for which the jobs of one target that find no queue are gathered.
    private static let homelessPause: Int64 = 200

    let ports: Ports
    let gate: LedgerGate
    let releaser: Releaser
    let directory: TargetDirectory
    private let settings: OrchestratorSettings
    private let changes: AsyncStream<TargetID>
    private let announce: AsyncStream<TargetID>.Continuation
    private let losses: AsyncStream<TargetID>
    private let announceLoss: AsyncStream<TargetID>.Continuation
    private let state = Mutex(State())
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
        (losses, announceLoss) = AsyncStream.makeStream(of: TargetID.self)
        (transitions, transition) = AsyncStream.makeStream(of: Transition.self)
    }

    /// Says that a target was created, changed, deleted, or is to be held back or let go; its queue follows.
    func targetChanged(_ id: TargetID) {
        announce.yield(id)
    }

    /// Takes over queues of deleted targets that an earlier process may have left: they are removed.
    func inherit(_ abandoned: [TargetQueue]) {
        state.withLock { state in
            for queue in abandoned { state.standings[queue] = Standing(fulfilled: .held) }
        }
        for queue in abandoned { announce.yield(queue.targetID) }
    }

    /// Notes how large the bodies of jobs are that are to come, or have come; where they are larger or smaller by much
    /// than those before, another number of messages is held of their targets.
    func noteBodies(_ bodies: [(target: TargetID, bytes: Int)]) {
        for id in directory.noteBodies(bodies, at: ports.time.now()) { targetChanged(id) }
    }

    /// Whether a target's queue is consumed, as far as anybody has asked for it.
    func isConsuming(_ id: TargetID) -> Bool {
        state.withLock { $0.consumed.contains(id) }
    }

    /// Says that a job of the target, which the ledger owes now, found no queue: it is declared and bound again, and
    /// what is owed is published.
    func jobFoundNoQueue(_ id: TargetID) {
        // In quarantine it is tried again anyway.
        guard releaser.quarantine.problem(of: id) == nil else { return }
        let isFirst = state.withLock { state in
            defer { state.homeless[id] = state.homeless[id] != nil }
            return state.homeless[id] == nil
        }
        if isFirst { announceLoss.yield(id) }
    }

    /// Queues of which it is known how they stand.
    var knownQueues: Int { state.withLock { $0.standings.count } }

    /// Why the queue of a target cannot be used at the moment; nil where it can, or nothing is known yet.
    func problem(of id: TargetID) -> QueueProblem? {
        releaser.quarantine.problem(of: id)
    }

    /// Follows the directory until cancelled.
    func run() async {
        let inherited = directory.all()
        state.withLock { $0.familiar.formUnion(inherited.map(\.queue)) }
        for target in inherited { announce.yield(target.id) }
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await queue in self.ports.broker.renewedQueues { await self.handOutAnew(queue.targetID) }
            }
            group.addTask {
                for await queue in self.ports.broker.refusedQueues {
                    self.state.withLock { $0.standings[queue]?.fulfilled = nil }
                    self.announce.yield(queue.targetID)
                }
            }
            group.addTask {
                await withDiscardingTaskGroup { group in
                    for await id in self.losses { group.addTask { await self.findHome(for: id) } }
                }
            }
            for await id in changes {
                group.addTask { await self.follow(id) }
            }
        }
    }

    // MARK: One target

    /// The queue of a target whose work goes on and whose queue is consumed; nil for one that is held back in any way.
    func consumedQueue(of id: TargetID) -> TargetQueue? {
        guard let queue = directory.target(id)?.queue, case .consume = stance(of: id) else { return nil }
        guard case .consumed = state.withLock({ $0.standings[queue]?.fulfilled }) else { return nil }
        return queue
    }

    /// The consumed queues of all targets.
    var consumedQueues: [TargetQueue] { directory.all().compactMap { consumedQueue(of: $0.id) } }

    /// Has the queue of a target follow it, and again when what holds the target back ends with time alone.
    private func follow(_ id: TargetID) async {
        await endPause(of: id)
        await settle(id)
        guard case .hold(let until?) = stance(of: id) else {
            // Its time may have come while the queue was declared.
            return await endPause(of: id)
        }
        guard becomesReviewer(of: id, at: until) else { return }
        guard (try? await ports.time.sleep(until: until)) != nil, stopsReviewing(id, at: until) else { return }
        announce.yield(id)
    }

    /// - Returns: false where somebody looks again by then already, and would see that it takes longer.
    private func becomesReviewer(of id: TargetID, at moment: Timestamp) -> Bool {
        state.withLock { state in
            if let known = state.reviews[id], known <= moment { return false }
            state.reviews[id] = moment
            return true
        }
    }

    /// - Returns: false where somebody else has looked earlier, or will.
    private func stopsReviewing(_ id: TargetID, at moment: Timestamp) -> Bool {
        state.withLock { state in
            guard state.reviews[id] == moment else { return false }
            state.reviews[id] = nil
            return true
        }
    }

    /// Makes true what is wished of a target's queue; returns at once where somebody else is at it.
    private func settle(_ id: TargetID) async {
        var patience = Backoff(initial: 200, cap: 10_000)
        following: while true {
            switch take(id) {
            case .underWay: return
            case .done: break following
            case .fulfil(let wish, let queue):
                do throws(BrokerError) {
                    try await fulfil(wish, of: queue)
                } catch {
                    guard (try? await wait(for: id, wish, after: error, &patience)) != nil else { return }
                }
            }
        }
        // Whatever became of it: nothing is wrong with the queue any more, or nobody wants it.
        if releaser.quarantine.leave(id) {
            ports.logger.notice(
                "A target's queue can be used again; its jobs are handed out.", metadata: ["targetId": "\(id)"])
            await handOutAnew(id)
        }
    }

    private func fulfil(_ wish: Wish, of queue: TargetQueue) async throws(BrokerError) {
        let opening: QueueOpening?
        do throws(BrokerError) {
            opening = try await perform(wish, on: queue)
        } catch {
            state.withLock { $0.standings[queue]?.isUnderWay = false }
            throw error
        }
        let (isFamiliar, isConsumed) = state.withLock { state in
            guard wish != .removed else {
                // Its id is never used again.
                state.standings[queue] = nil
                state.familiar.remove(queue)
                return (false, state.consumed.contains(queue.targetID))
            }
            state.standings[queue] = Standing(fulfilled: wish)
            let isFamiliar = opening != nil && !state.familiar.insert(queue).inserted
            return (isFamiliar, state.consumed.contains(queue.targetID))
        }
        transition.yield(Transition(target: queue.targetID, isConsumed: isConsumed))
        guard opening == .declared, isFamiliar else { return }
        ports.logger.notice(
            "A target's queue had to be declared anew; its jobs are handed out again.",
            metadata: ["targetId": "\(queue.targetID)"])
        await handOutAnew(queue.targetID)
    }

    private func perform(_ wish: Wish, on queue: TargetQueue) async throws(BrokerError) -> QueueOpening? {
        switch wish {
        case .consumed(let prefetch):
            state.withLock { _ = $0.consumed.insert(queue.targetID) }
            return try await ports.broker.open(queue, prefetch: prefetch)
        case .held:
            let isKnown = state.withLock { $0.standings[queue]?.fulfilled != nil }
            let opening = isKnown ? nil : try await ports.broker.declare(queue)
            await ports.broker.close(queue)
            state.withLock { _ = $0.consumed.remove(queue.targetID) }
            return opening
        case .removed:
            try await remove(queue)
            state.withLock { _ = $0.consumed.remove(queue.targetID) }
            return nil
        }
    }

    /// Waits until it is worth trying again: for the broker while it is away, longer each time while it refuses.
    private func wait(
        for id: TargetID, _ wish: Wish, after error: BrokerError, _ patience: inout Backoff
    ) async throws {
        guard error.kind == .refused else {
            ports.logger.info(
                "A target's queue cannot be reached; trying again.",
                metadata: ["targetId": "\(id)", "error": "\(error)"])
            return try await brokerIsBack()
        }
        if wish != .removed {
            let isNew = releaser.quarantine.enter(id, error, at: ports.time.now())
            if isNew, let problem = problem(of: id) { report(problem, of: id) }
        } else {
            ports.logger.info(
                "A target's queue is not deleted yet; trying again.",
                metadata: ["targetId": "\(id)", "error": "\(error)"])
        }
        try await patience.wait(ports.time, ports.randomness)
    }

    /// Returns when the broker is back, at once; after a moment where it was not away.
    private func brokerIsBack() async throws {
        var isFirst = true
        for await health in ports.broker.health() {
            if case .disconnected = health {
                isFirst = false
                continue
            }
            if isFirst {
                var pause = Backoff(initial: 200, cap: 200)
                try await pause.wait(ports.time, ports.randomness)
            }
            return
        }
        throw CancellationError()
    }

    private func report(_ problem: QueueProblem, of id: TargetID) {
        ports.logger.error(
            "The broker refuses a target's queue: the target is in quarantine, its jobs are kept, others go on.",
            metadata: [
                "targetId": "\(id)", "code": "\(QueueProblem.code)", "error": "\(problem.message)",
                "remediation": "\(problem.remediation)",
            ])
    }

    /// Opens the queue of a target again and has what is owed published, until no further job comes back.
    private func findHome(for id: TargetID) async {
        repeat {
            state.withLock { state in
                state.homeless[id] = false
                if let target = directory.target(id) { state.standings[target.queue]?.fulfilled = nil }
            }
            await settle(id)
            ports.crashPoints?.reached(.orphanQueueOpened)
            releaser.sweepLedger()
            guard (try? await ports.time.sleep(until: ports.time.now().adding(milliseconds: Self.homelessPause))) != nil
            else { return }
        } while anotherCameBack(id)
    }

    /// Whether another job of the target found no queue meanwhile; if not, the next one is the first again.
    private func anotherCameBack(_ id: TargetID) -> Bool {
        state.withLock { state in
            if state.homeless[id] == true { return true }
            state.homeless[id] = nil
            return false
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

    /// What is still to be done for a target, for the caller alone to do.
    private func take(_ id: TargetID) -> Step {
        let present = directory.target(id)?.queue
        let wish: Wish =
            switch stance(of: id) {
            case .consume(let prefetch): .consumed(prefetch: prefetch)
            case .hold: .held
            case nil: .removed
            }
        return state.withLock { state in
            guard let queue = present ?? state.standings.keys.first(where: { $0.targetID == id }) else { return .done }
            let standing = state.standings[queue] ?? Standing()
            if standing.isUnderWay { return .underWay }
            if standing.fulfilled == wish { return .done }
            state.standings[queue, default: standing].isUnderWay = true
            return .fulfil(wish, of: queue)
        }
    }

    private func stance(of id: TargetID) -> TargetGovernor.Stance? {
        let prefetch = settings.prefetch(ofTargets: directory.count, bodies: directory.bodies(of: id))
        return directory.stance(of: id, prefetch: prefetch, at: ports.time.now())
    }
}

extension Target {
    var queue: TargetQueue { TargetQueue(targetID: id, channelType: channelType, type: queueType) }
}
