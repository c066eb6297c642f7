package import Distribution
import Synchronization

/// One process's connections to a ``SimulatedNode``.
package final class SimulatedBroker: Sendable {
    package let planMessages: AsyncStream<[IncomingPlanMessage]>
    package let jobMessages: AsyncStream<[IncomingJobMessage]>
    package let orphanedJobs: AsyncStream<[IncomingJobMessage]>
    package let renewedQueues: AsyncStream<TargetQueue>
    package let refusedQueues: AsyncStream<TargetQueue>
    package let renewedDeadLetterQueues: AsyncStream<ChannelType>
    private let plans: AsyncStream<[IncomingPlanMessage]>.Continuation
    private let jobs: AsyncStream<[IncomingJobMessage]>.Continuation
    private let orphans: AsyncStream<[IncomingJobMessage]>.Continuation
    private let renewals: AsyncStream<TargetQueue>.Continuation
    private let refusals: AsyncStream<TargetQueue>.Continuation
    private let unshown: AsyncStream<ChannelType>.Continuation
    private let watchers = Mutex<[AsyncStream<BrokerHealth>.Continuation]>([])
    let node: SimulatedNode
    let time: SimulatedTime

    /// Connects to the node in place of the process before it.
    package init(node: SimulatedNode, time: SimulatedTime) {
        self.node = node
        self.time = time
        (planMessages, plans) = AsyncStream.makeStream(of: [IncomingPlanMessage].self)
        (jobMessages, jobs) = AsyncStream.makeStream(of: [IncomingJobMessage].self)
        (orphanedJobs, orphans) = AsyncStream.makeStream(of: [IncomingJobMessage].self)
        (renewedQueues, renewals) = AsyncStream.makeStream(of: TargetQueue.self)
        (refusedQueues, refusals) = AsyncStream.makeStream(of: TargetQueue.self)
        (renewedDeadLetterQueues, unshown) = AsyncStream.makeStream(of: ChannelType.self)
        node.attach(self)
    }

    /// Ends the process: its connections are closed, and what it had in hand goes back.
    package func die() {
        node.detach()
        endStreams()
        renewals.finish()
        refusals.finish()
        unshown.finish()
        watchers.withLock { watchers in
            for watcher in watchers { watcher.finish() }
            watchers = []
        }
    }

    func endStreams() {
        plans.finish()
        jobs.finish()
        orphans.finish()
    }

    func watch() -> AsyncStream<BrokerHealth> {
        let (stream, continuation) = AsyncStream.makeStream(of: BrokerHealth.self)
        continuation.yield(node.withState { $0.health })
        watchers.withLock { $0.append(continuation) }
        return stream
    }

    // MARK: From the node

    func tell(_ health: BrokerHealth) {
        watchers.withLock { watchers in
            watchers.removeAll { watcher in
                if case .terminated = watcher.yield(health) { true } else { false }
            }
        }
    }

    func announceRefusal(of queue: TargetQueue) {
        refusals.yield(queue)
    }

    func announceRenewal(of queue: TargetQueue) {
        renewals.yield(queue)
    }

    func hand(_ batch: [(tag: Int, delivery: SimulatedNode.Delivery)]) {
        var plans: [IncomingPlanMessage] = []
        var jobs: [IncomingJobMessage] = []
        var orphans: [IncomingJobMessage] = []
        for (tag, delivery) in batch {
            let message = delivery.message
            let settlement = SimulatedSettlement(node: node, tag: tag)
            switch message.content {
            case .plan(let draft):
                plans.append(IncomingPlanMessage(draft, message.isRedelivered, settlement))
            case .job(let job):
                let incoming = IncomingJobMessage(job, message.isRedelivered, settlement)
                if delivery.queue == SimulatedNode.orphans { orphans.append(incoming) } else { jobs.append(incoming) }
            }
        }
        if !plans.isEmpty { self.plans.yield(plans) }
        if !jobs.isEmpty { self.jobs.yield(jobs) }
        if !orphans.isEmpty { self.orphans.yield(orphans) }
    }
}

private struct SimulatedSettlement: MessageSettlement {
    let node: SimulatedNode
    let tag: Int

    func acknowledge() { node.settle(tag, isAcknowledged: true) }
    func giveBack() { node.settle(tag, isAcknowledged: false) }
}

extension IncomingPlanMessage {
    fileprivate init(_ draft: InMemoryPlanMessage, _ isRedelivered: Bool, _ settlement: any MessageSettlement) {
        self.init(
            routingKey: draft.routingKey, body: draft.body, messageID: draft.messageID,
            correlationID: draft.correlationID, replyTo: draft.replyTo, userID: draft.userID,
            contentType: "application/json", trace: draft.trace, isRedelivered: isRedelivered,
            settlement: settlement)
    }
}

extension IncomingJobMessage {
    fileprivate convenience init(_ job: SimulatedNode.Job, _ isRedelivered: Bool, _ settlement: any MessageSettlement) {
        self.init(
            queue: job.queue, claim: .success(job.claim), contentType: job.contentType, body: job.body,
            trace: job.trace, isRedelivered: isRedelivered, settlement: settlement, original: job.claim,
            isDeadLetter: job.isDeadLetter)
    }
}
