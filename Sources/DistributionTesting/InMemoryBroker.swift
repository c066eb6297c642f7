package import Distribution
import Synchronization

/// A broker that keeps its queues in memory, remembers what it was told, and fails when a test asks it to.
///
/// Delayed jobs become due by the clock it is given; ``advance(by:)`` moves that clock and hands out what is due. What
/// a test wants to know is awaited with ``until(_:)``.
package final class InMemoryBroker: Sendable {
    /// What is published, each with answers of its own.
    package enum Sort: Sendable, Hashable {
        case jobs, deadLetters, events, refusedPlans, quarantine
    }

    package enum Answer: Sendable, Hashable {
        case confirm
        /// The message is lost.
        case refuse
        /// The message arrived and the publisher never learns of it.
        case loseConfirm
        case unroutable
    }

    package enum Source: Sendable, Hashable {
        case plans, jobs, orphans
    }

    package struct Settled: Sendable, Hashable {
        package let source: Source
        /// The number that ``InMemoryBroker/send(_:)`` returned, for plan messages.
        package let number: Int
        /// nil for plans and where the headers made no sense.
        package let claim: JobClaim?
        package let isAcknowledged: Bool
    }

    /// All that the broker has seen, in the order in which it happened.
    package struct Record: Sendable {
        package internal(set) var queues = InMemoryQueues()
        /// Every call to publish jobs, whatever came of it.
        package internal(set) var jobBatches: [[OutgoingJob]] = []
        package internal(set) var eventBatches: [[OutgoingEvent]] = []
        /// What arrived, as its consumers would find it.
        package internal(set) var events: [OutgoingEvent] = []
        /// Events arrive, and their confirms do not come.
        package internal(set) var areEventConfirmsHeld = false
        package internal(set) var deadLetters: [DeadLetter] = []
        package internal(set) var refusedPlans: [RefusedPlanMessage] = []
        package internal(set) var quarantined: [DeliveryError] = []
        package internal(set) var replies: [PlanReply] = []
        package internal(set) var settled: [Settled] = []
        /// Targets in the order in which their queues were asked to be opened.
        package internal(set) var openings: [TargetID] = []
        /// Targets in the order in which their queues were asked to be consumed anew.
        package internal(set) var reopenings: [TargetID] = []
        /// Targets in the order in which their queues were looked into.
        package internal(set) var soundings: [TargetID] = []

        package var jobs: [OutgoingJob] { jobBatches.flatMap(\.self) }

        package func acknowledged(_ source: Source) -> [Settled] {
            settled.filter { $0.source == source && $0.isAcknowledged }
        }

        package func givenBack(_ source: Source) -> [Settled] {
            settled.filter { $0.source == source && !$0.isAcknowledged }
        }
    }

    struct State {
        var record = Record()
        var health = BrokerHealth.connected(generation: 1)
        var generation = 1
        var isConsuming = true
        var answers: [Sort: [Answer]] = [:]
        var refusedTargets: Set<TargetID> = []
        var healthWatchers: [AsyncStream<BrokerHealth>.Continuation] = []
        var watchers: [AsyncStream<Void>.Continuation] = []

        var isConnected: Bool {
            if case .disconnected = health { false } else { true }
        }
    }

    package let planMessages: AsyncStream<[IncomingPlanMessage]>
    package let jobMessages: AsyncStream<[IncomingJobMessage]>
    package let orphanedJobs: AsyncStream<[IncomingJobMessage]>
    package let renewedQueues: AsyncStream<TargetQueue>
    package let refusedQueues: AsyncStream<TargetQueue>
    package let renewedDeadLetterQueues: AsyncStream<ChannelType>
    let plans: AsyncStream<[IncomingPlanMessage]>.Continuation
    let jobs: AsyncStream<[IncomingJobMessage]>.Continuation
    let orphans: AsyncStream<[IncomingJobMessage]>.Continuation
    let renewals: AsyncStream<TargetQueue>.Continuation
    let refusals: AsyncStream<TargetQueue>.Continuation
    let unshown: AsyncStream<ChannelType>.Continuation
    let time: ManualTime
    private let state: Mutex<State>

    package convenience init(time: ManualTime) {
        self.init(time: time, Record())
    }

    init(time: ManualTime, _ record: Record) {
        self.time = time
        state = Mutex(State(record: record))
        (planMessages, plans) = AsyncStream.makeStream(of: [IncomingPlanMessage].self)
        (jobMessages, jobs) = AsyncStream.makeStream(of: [IncomingJobMessage].self)
        (orphanedJobs, orphans) = AsyncStream.makeStream(of: [IncomingJobMessage].self)
        (renewedQueues, renewals) = AsyncStream.makeStream(of: TargetQueue.self)
        (refusedQueues, refusals) = AsyncStream.makeStream(of: TargetQueue.self)
        (renewedDeadLetterQueues, unshown) = AsyncStream.makeStream(of: ChannelType.self)
    }

    // MARK: Looking in

    package var record: Record { state.withLock { $0.record } }

    /// Returns once something has made the condition true; true already counts.
    package func until(_ condition: @Sendable (Record) -> Bool) async {
        let (changes, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.watchers.append(continuation) }
        defer { continuation.finish() }
        if condition(record) { return }
        for await _ in changes where condition(record) { return }
    }

    // MARK: State

    /// Changes the state, then hands out what may be handed out and tells whoever watches.
    func change<Value>(_ body: (inout State) -> Value) -> Value {
        state.withLock { state in
            let value = body(&state)
            handOut(&state)
            state.watchers.removeAll { watcher in
                if case .terminated = watcher.yield() { true } else { false }
            }
            return value
        }
    }

    /// Under the lock, so that messages keep their order; nobody runs inside a yield.
    private func handOut(_ state: inout State) {
        guard state.isConsuming, state.isConnected else { return }
        let batch = state.record.queues.deliver(now: time.now())
        if !batch.plans.isEmpty {
            plans.yield(batch.plans.map { incoming($0.message, tag: $0.tag) })
        }
        if !batch.jobs.isEmpty {
            jobs.yield(batch.jobs.map { incoming($0.message, from: $0.queue, tag: $0.tag) })
        }
        if !batch.orphans.isEmpty {
            orphans.yield(batch.orphans.map { incoming($0.message, from: nil, tag: $0.tag) })
        }
    }

    private func incoming(_ message: InMemoryQueues.PlanMessage, tag: Int) -> IncomingPlanMessage {
        let draft = message.draft
        return IncomingPlanMessage(
            routingKey: draft.routingKey, body: draft.body, messageID: draft.messageID,
            correlationID: draft.correlationID, replyTo: draft.replyTo, userID: draft.userID,
            contentType: "application/json", trace: draft.trace, isRedelivered: message.isRedelivered,
            settlement: InMemorySettlement(broker: self, tag: tag))
    }

    private func incoming(
        _ message: InMemoryQueues.JobMessage, from queue: TargetQueue?, tag: Int
    ) -> IncomingJobMessage {
        IncomingJobMessage(
            queue: queue, claim: message.claim, contentType: message.contentType, body: message.body,
            trace: message.trace, isRedelivered: message.isRedelivered,
            settlement: InMemorySettlement(broker: self, tag: tag), original: message.number,
            isDeadLetter: message.isDeadLetter)
    }

    func settle(_ tag: Int, isAcknowledged: Bool) {
        change { state in
            guard let delivery = state.record.queues.settle(tag, isAcknowledged: isAcknowledged) else { return }
            let settled: Settled =
                switch delivery {
                case .plan(let message):
                    Settled(source: .plans, number: message.number, claim: nil, isAcknowledged: isAcknowledged)
                case .job(let message, _):
                    Settled(
                        source: .jobs, number: message.number, claim: try? message.claim.get(),
                        isAcknowledged: isAcknowledged)
                case .orphan(let message):
                    Settled(
                        source: .orphans, number: message.number, claim: try? message.claim.get(),
                        isAcknowledged: isAcknowledged)
                }
            state.record.settled.append(settled)
        }
    }
}

/// Settles one message of an ``InMemoryBroker``.
private struct InMemorySettlement: MessageSettlement {
    let broker: InMemoryBroker
    let tag: Int

    func acknowledge() { broker.settle(tag, isAcknowledged: true) }
    func giveBack() { broker.settle(tag, isAcknowledged: false) }
}
