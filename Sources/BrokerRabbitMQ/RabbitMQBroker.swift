internal import AMQP
package import Distribution
package import Logging
package import NIOCore

/// RabbitMQ behind the domain's port: two connections, the static topology, target queues and the delay ladder.
///
/// One connection publishes and one consumes, so that an alarm of the broker that stops publishers never stops acks.
/// Whenever one comes up it declares the static topology before anything else; consumers come back by themselves, also
/// after their queue was deleted. Nothing waits for a connection except `run()`.
package final class RabbitMQBroker: Broker {
    package let topology: Topology
    package let planMessages: AsyncStream<[IncomingPlanMessage]>
    package let jobMessages: AsyncStream<[IncomingJobMessage]>
    package let orphanedJobs: AsyncStream<[IncomingJobMessage]>
    package let renewedQueues: AsyncStream<TargetQueue>
    package let refusedQueues: AsyncStream<TargetQueue>
    package let renewedDeadLetterQueues: AsyncStream<ChannelType>

    let publishers: Publishers
    let targets: TargetConsumers
    let logger: Logger
    private let publishing: Connection
    private let consuming: Connection
    private let plans: StandingConsumer
    private let orphans: StandingConsumer
    private let stuckQueues: StuckQueueWatch
    private let missingQueues: MissingQueueWatch
    private let mergedPlans = MergedDeliveries<IncomingPlanMessage>()
    private let mergedOrphans = MergedDeliveries<IncomingJobMessage>()
    private let board = HealthBoard()
    private let alarmCheckInterval: Duration
    private let renewals: AsyncStream<TargetQueue>.Continuation
    private let refusals: AsyncStream<TargetQueue>.Continuation
    private let unshown: AsyncStream<ChannelType>.Continuation
    private let operations: AsyncStream<TargetConsumers.Operation>
    private let operationsContinuation: AsyncStream<TargetConsumers.Operation>.Continuation

    /// - Parameter eventLoopGroup: Both connections live on its event loops; it must outlive `run()`.
    package init(
        configuration: RabbitMQBrokerConfiguration, eventLoopGroup: any EventLoopGroup, logger: Logger,
        crashPoints: (any CrashPoints)? = nil
    ) {
        let topology = configuration.topology
        self.topology = topology
        self.logger = logger
        alarmCheckInterval = configuration.alarmCheckInterval
        func connect(_ purpose: String) -> Connection {
            Connection(
                configuration: configuration.connection(for: purpose), eventLoopGroup: eventLoopGroup, logger: logger,
                onConnect: { try await topology.declare(on: $0) })
        }
        let probe = QueueProbe { seconds in
            var settings = configuration.connection(for: "probing")
            if let seconds { settings.consumeTimeoutSeconds = min(seconds, settings.consumeTimeoutSeconds) }
            return Connection(configuration: settings, eventLoopGroup: eventLoopGroup, logger: logger)
        }
        publishing = connect("publishing")
        consuming = connect("consuming")
        let deadLetterWindow = DeadLetterWindow()
        publishers = Publishers(
            connection: publishing, topology: topology, deadLetterWindow: deadLetterWindow, crashPoints: crashPoints)
        (operations, operationsContinuation) = AsyncStream.makeStream()
        (renewedQueues, renewals) = AsyncStream.makeStream()
        (refusedQueues, refusals) = AsyncStream.makeStream()
        (renewedDeadLetterQueues, unshown) = AsyncStream.makeStream()
        targets = TargetConsumers(
            topology: topology, connection: consuming, probe: probe, targetsPerGroup: configuration.targetsPerGroup,
            recency: configuration.queueRecency, logger: logger, renewed: { [renewals] in renewals.yield($0) },
            refused: { [refusals] in refusals.yield($0) },
            spawn: { [operationsContinuation] in operationsContinuation.yield($0) }, crashPoints: crashPoints)
        plans = StandingConsumer(
            queue: topology.names.plans, prefetch: configuration.planPrefetch, connection: consuming,
            probe: probe, topology: topology, logger: logger)
        orphans = StandingConsumer(
            queue: topology.names.orphans, prefetch: configuration.orphanPrefetch, connection: consuming,
            probe: probe, topology: topology, logger: logger)
        stuckQueues = StuckQueueWatch(
            publishing: publishing, consuming: consuming, probe: probe, topology: topology,
            deadLetterWindow: deadLetterWindow, logger: logger, told: { [board] in board.stuck($0) },
            emptied: { [targets, renewals] in for queue in targets.knownQueues { renewals.yield(queue) } },
            unshown: { [unshown] in unshown.yield($0) })
        missingQueues = MissingQueueWatch(
            connection: consuming, topology: topology, deadLetterWindow: deadLetterWindow,
            interval: configuration.queueCheckInterval, logger: logger, emptied: stuckQueues.emptied,
            unshown: stuckQueues.unshown)
        planMessages = mergedPlans.messages
        jobMessages = targets.merged.messages
        orphanedJobs = mergedOrphans.messages
        mergedPlans.expectSource()
        mergedOrphans.expectSource()
    }

    /// Keeps both connections and all consumers until the task is cancelled, then closes the connections.
    ///
    /// Call ``stopConsuming()`` and settle what is in hand before cancelling; what is unsettled then goes back to its
    /// queue, and publishes still under way come back as failed. The streams have ended when it returns. Call it once.
    package func run() async {
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.publishing.run() }
            tasks.addTask { await self.consuming.run() }
            tasks.addTask { await self.watch(self.publishing, .publishing) }
            tasks.addTask { await self.watch(self.consuming, .consuming) }
            tasks.addTask { await self.lookForAlarms() }
            tasks.addTask { await self.plans.run() }
            tasks.addTask { await self.orphans.run() }
            tasks.addTask { await self.stuckQueues.run() }
            tasks.addTask { await self.missingQueues.run() }
            tasks.addTask { await self.pumpPlans() }
            tasks.addTask { await self.pumpOrphans() }
            for await operation in operations { tasks.addTask(operation: operation) }
        }
        mergedPlans.finish()
        mergedOrphans.finish()
        targets.merged.finish()
        renewals.finish()
        refusals.finish()
        unshown.finish()
        board.close()
    }

    package func health() -> AsyncStream<BrokerHealth> { board.subscribe() }

    package func stopConsuming() async {
        mergedPlans.close()
        mergedOrphans.close()
        await withDiscardingTaskGroup { tasks in
            tasks.addTask { await self.plans.stop() }
            tasks.addTask { await self.orphans.stop() }
            tasks.addTask { await self.targets.stop() }
        }
    }

    private func watch(_ connection: Connection, _ side: HealthBoard.Side) async {
        for await state in connection.states() { board.update(side, state) }
    }

    /// The broker tells of an alarm only those who publish: somebody who has nothing to say for hours would not know.
    private func lookForAlarms() async {
        while (try? await Task.sleep(for: alarmCheckInterval)) != nil { await publishers.knock() }
    }

    private func pumpPlans() async {
        let decoder = MessageDecoder()
        await mergedPlans.pump(plans.group) { $0.map(decoder.planMessage) }
    }

    private func pumpOrphans() async {
        let decoder = MessageDecoder()
        await mergedOrphans.pump(orphans.group) { batch in
            batch.map { decoder.jobMessage($0, from: self.intendedQueue($0)) }
        }
    }

    /// The queue that an orphan did not find.
    private func intendedQueue(_ delivery: Delivery) -> TargetQueue? {
        guard let key = JobRoutingKey(text: delivery.routingKey) else { return nil }
        let queue = TargetQueue(targetID: key.targetID, channelType: key.channelType, type: .quorum)
        return targets.queue(named: topology.names.jobs(of: queue)) ?? queue
    }
}
