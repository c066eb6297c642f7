import Distribution
import Logging
import ServiceLifecycle

/// Everything that decides, wired together; ``run()`` is the whole service between broker and ledger.
///
/// The broker and the ledger are opened before it and closed after it. On graceful shutdown it stops consuming, lets
/// what is in flight end or gives it back, publishes the events owed by then, and returns.
package final class OrchestratorService: Service {
    /// How long ago a target may have been deleted whose queue a start still removes: seven days, in milliseconds.
    private static let inheritance: Int64 = 604_800_000
    /// Jobs of a target whose bodies are looked at on the start.
    private static let sampledBodies = 8

    package let health: ServiceHealth
    package let useCases: DistributionUseCases
    private let ports: Ports
    private let settings: OrchestratorSettings
    private let gate: LedgerGate
    private let metrics: OrchestratorMetrics
    private let directory: TargetDirectory
    private let queues: QueueKeeper
    private let releaser: Releaser
    private let deadLetters: DeadLetterRelay
    private let planner: Planner
    private let dispatcher: Dispatcher
    private let orphans: OrphanKeeper
    private let relay: EventRelay
    private let reconciler: Reconciler
    private let watch: ConservationWatch
    private let runner: DeadLetterRunner
    private let retention: Retention

    package init(ports: Ports, adapters: AdapterRegistry, settings: OrchestratorSettings) {
        self.ports = ports
        self.settings = settings
        let metrics = OrchestratorMetrics()
        health = ServiceHealth()
        gate = LedgerGate(ports: ports, health: health, metrics: metrics)
        self.metrics = metrics
        directory = TargetDirectory(adapters: adapters)
        releaser = Releaser(ports: ports, gate: gate, settings: settings, metrics: metrics)
        queues = QueueKeeper(
            ports: ports, gate: gate, directory: directory, releaser: releaser, settings: settings)
        deadLetters = DeadLetterRelay(ports: ports, gate: gate, metrics: metrics)
        let preparation = PlanPreparation(directory: directory, adapters: adapters, randomness: ports.randomness)
        let attempt = AttemptProcedure(
            ports: ports, gate: gate, directory: directory, releaser: releaser, deadLetters: deadLetters,
            queues: queues, metrics: metrics)
        dispatcher = Dispatcher(
            ports: ports, directory: directory, queues: queues, attempt: attempt, settings: settings,
            metrics: metrics)
        let submission = PlanSubmission(
            ports: ports, gate: gate, preparation: preparation, releaser: releaser, dispatcher: dispatcher,
            metrics: metrics)
        planner = Planner(ports: ports, gate: gate, submission: submission, metrics: metrics)
        orphans = OrphanKeeper(ports: ports, gate: gate, directory: directory, queues: queues)
        relay = EventRelay(ports: ports, gate: gate, settings: settings, metrics: metrics)
        reconciler = Reconciler(
            ports: ports, releaser: releaser, settings: settings, metrics: metrics,
            consumedQueue: { [queues, health] id in
                health.isBrokerConnected ? queues.consumedQueue(of: id) : nil
            },
            consumedQueues: { [queues, health] in health.isBrokerConnected ? queues.consumedQueues : [] },
            hasInHand: { [dispatcher] in dispatcher.hasInHand($0) })
        watch = ConservationWatch(ports: ports, settings: settings, metrics: metrics)
        runner = DeadLetterRunner(ports: ports, gate: gate, releaser: releaser, metrics: metrics)
        retention = Retention(ports: ports, gate: gate, settings: settings, metrics: metrics)
        useCases = DistributionUseCases(
            ports: ports, adapters: adapters, settings: settings, directory: directory, queues: queues,
            releaser: releaser, runner: runner, preparation: preparation, submission: submission, gate: gate,
            health: health)
    }

    package func run() async throws {
        try await run { try? await gracefulShutdown() }
    }

    /// As ``run()``, wherever the word to stop comes from: a simulated world has no service group.
    ///
    /// - Parameter stopping: Returns once the service is to stop, or when its task is cancelled.
    package func run(until stopping: @escaping @Sendable () async -> Void) async throws {
        try await recover()
        await withTaskGroup(of: Void.self) { publishing in
            publishing.addTask { await self.gate.run() }
            publishing.addTask { await self.followLedger() }
            publishing.addTask { await self.releaser.run() }
            publishing.addTask { await self.deadLetters.run() }
            publishing.addTask { await self.relay.run() }
            publishing.addTask { await self.queues.run() }
            publishing.addTask { await self.followBroker() }
            publishing.addTask { await self.reconciler.run() }
            publishing.addTask { await self.watch.run() }
            publishing.addTask { await self.runner.run() }
            publishing.addTask { await self.retention.run() }
            await consume(until: stopping)
            ports.crashPoints?.reached(.consumptionEnded)
            await flushEvents()
            await releaser.flushConfirmations()
            publishing.cancelAll()
        }
    }

    /// What an earlier process left open is closed before the first message is looked at.
    private func recover() async throws {
        let abandoned = try await gate.persist { () throws(LedgerError) in
            try await ports.ledger.closeAbandonedAttempts(at: ports.time.now())
        }
        if abandoned > 0 {
            ports.logger.notice("Attempts of an earlier run were closed.", metadata: ["count": "\(abandoned)"])
        }
        ports.crashPoints?.reached(.recovered)
        let targets = try await gate.persist { () throws(LedgerError) in try await ports.ledger.allTargets() }
        for target in targets { directory.put(target) }
        await learnBodySizes()
        let lately = ports.time.now().adding(milliseconds: -Self.inheritance)
        queues.inherit(
            try await gate.persist { () throws(LedgerError) in
                try await ports.ledger.queuesOfDeletedTargets(since: lately)
            })
    }

    /// A backlog of large bodies must not come in before it is known how large they are.
    private func learnBodySizes() async {
        do {
            let sizes = try await gate.noticing { () throws(LedgerError) in
                try await ports.ledger.bodySizesOfOpenJobs(perTarget: Self.sampledBodies)
            }
            let bodies = sizes.sorted { $0.key < $1.key }.flatMap { id, sizes in
                sizes.map { (target: id, bytes: $0) }
            }
            _ = directory.noteBodies(bodies, at: ports.time.now())
        } catch {
            // They are known as they come.
            ports.logger.debug("The sizes of waiting bodies are not known.", metadata: ["error": "\(error)"])
        }
    }

    private func consume(until stopping: @escaping @Sendable () async -> Void) async {
        await withTaskGroup(of: Void.self) { consuming in
            consuming.addTask { await self.planner.run() }
            consuming.addTask { await self.dispatcher.run() }
            consuming.addTask { await self.orphans.run() }
            consuming.addTask {
                await stopping()
                self.ports.logger.info("Stopping: what is in flight ends or goes back to its queue.")
                self.health.stopping()
                self.gate.close()
                self.releaser.stopWaiting()
                await self.ports.broker.stopConsuming()
            }
        }
    }

    /// While the ledger's trouble lasts, no target's queue is consumed, and what waits for its turn is back in them.
    private func followLedger() async {
        for await signal in gate.signals {
            switch signal {
            case .hold: ports.logger.notice("The ledger's trouble lasts; target queues are not consumed meanwhile.")
            case .resume: ports.logger.notice("Target queues are consumed again.")
            }
            directory.suspend(signal == .hold)
            for target in directory.all() { queues.targetChanged(target.id) }
        }
    }

    /// After every new connection, what the broker may not have is looked for in the ledger.
    private func followBroker() async {
        var generation: Int?
        var isBlocked = false
        for await state in ports.broker.health() {
            health.brokerChanged(state)
            metrics.broker(state)
            isBlocked = tell(state, wasBlocked: isBlocked)
            guard case .connected(let current) = state, current != generation else { continue }
            generation = current
            releaser.sweepLedger()
            deadLetters.deadLetterOwed()
        }
    }

    /// - Returns: Whether the broker holds publishers back.
    private func tell(_ state: BrokerHealth, wasBlocked: Bool) -> Bool {
        switch state {
        case .blocked(let reason, nil):
            guard !wasBlocked else { return true }
            ports.logger.warning(
                """
                The broker holds publishers back; deliveries go on, plans are taken, and what is to be published is kept \
                in the ledger.
                """,
                metadata: ["reason": "\(reason)", "remediation": "\(health.remediation ?? "")"])
            return true
        // A queue that takes nothing is told of by the broker's port.
        case .connected, .blocked(_, _?):
            if wasBlocked { ports.logger.notice("The broker takes messages again.") }
            return false
        case .disconnected: return false
        }
    }

    /// Waits until no event is owed, for two seconds at most: they stay owed in the ledger otherwise.
    private func flushEvents() async {
        let deadline = ports.time.now().adding(milliseconds: 2_000)
        while ports.time.now() < deadline, health.isBrokerConnected {
            guard let owed = try? await ports.ledger.owedEvents(after: 0, limit: 1), !owed.isEmpty else { return }
            guard (try? await ports.time.sleep(until: ports.time.now().adding(milliseconds: 20))) != nil else { return }
        }
    }
}
