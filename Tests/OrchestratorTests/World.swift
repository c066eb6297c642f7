import Distribution
import DistributionTesting
import Logging
import Testing

@testable import Orchestrator

/// The orchestrator on ports in memory, with the clock in the test's hand; each test runs the parts that it is about.
struct World: Sendable {
    enum Part: CaseIterable {
        case planner, dispatcher, releaser, deadLetters, relay, queues, orphans, runner, retention, gate
    }

    static let domain = DomainID(1)

    let time: ManualTime
    let ledger: InMemoryLedger
    let broker: InMemoryBroker
    let receiver = RecordingReceiver()
    let ports: Ports
    let adapters: AdapterRegistry
    let settings: OrchestratorSettings
    let metrics = OrchestratorMetrics()
    let health = ServiceHealth()
    let gate: LedgerGate
    let directory: TargetDirectory
    let queues: QueueKeeper
    let releaser: Releaser
    let deadLetters: DeadLetterRelay
    let preparation: PlanPreparation
    let submission: PlanSubmission
    let attempt: AttemptProcedure
    let runner: DeadLetterRunner
    let dispatcher: Dispatcher

    /// - Parameter channels: Those with an adapter.
    init(
        settings: OrchestratorSettings = OrchestratorSettings(concurrency: 64), channels: [ChannelType] = [.webhook],
        ledger: InMemoryLedger = InMemoryLedger(), broker: InMemoryBroker? = nil, time: ManualTime = ManualTime(),
        seed: UInt64 = 1, isReconciling: Bool = false,
        logger: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) {
        var settings = settings
        // The test holds the clock: nothing waits for company.
        settings.confirmDelayMilliseconds = 0
        // What comes round by the clock would be among the sleepers; tests of it ask for it.
        if !isReconciling {
            (settings.reconcileIntervalMilliseconds, settings.auditIntervalMilliseconds) = (nil, nil)
            settings.retentionIntervalMilliseconds = nil
        }
        self.settings = settings
        self.ledger = ledger
        self.time = time
        let broker = broker ?? InMemoryBroker(time: time)
        self.broker = broker
        let receiver = receiver
        adapters = AdapterRegistry(channels.map { RecordingAdapter(channelType: $0, receiver: receiver) })
        ports = Ports(
            ledger: ledger, broker: broker, time: time, randomness: SeededRandomness(seed: seed),
            logger: logger)
        gate = LedgerGate(ports: ports, health: health, metrics: metrics)
        directory = TargetDirectory(adapters: adapters)
        releaser = Releaser(ports: ports, gate: gate, settings: settings, metrics: metrics)
        queues = QueueKeeper(
            ports: ports, gate: gate, directory: directory, releaser: releaser, settings: settings)
        deadLetters = DeadLetterRelay(ports: ports, gate: gate, metrics: metrics)
        preparation = PlanPreparation(directory: directory, adapters: adapters, randomness: ports.randomness)
        attempt = AttemptProcedure(
            ports: ports, gate: gate, directory: directory, releaser: releaser, deadLetters: deadLetters,
            queues: queues, metrics: metrics)
        runner = DeadLetterRunner(ports: ports, gate: gate, releaser: releaser, metrics: metrics)
        dispatcher = Dispatcher(
            ports: ports, directory: directory, queues: queues, attempt: attempt, settings: settings, metrics: metrics)
        submission = PlanSubmission(
            ports: ports, gate: gate, preparation: preparation, releaser: releaser, dispatcher: dispatcher,
            metrics: metrics)
    }

    var useCases: DistributionUseCases {
        DistributionUseCases(
            ports: ports, adapters: adapters, settings: settings, directory: directory, queues: queues,
            releaser: releaser, runner: runner, preparation: preparation, submission: submission, gate: gate,
            health: health)
    }

    // MARK: Running

    /// Runs parts of the orchestrator for as long as the body does.
    func run(_ parts: Set<Part>, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for part in parts { group.addTask { await self.run(part) } }
            defer { group.cancelAll() }
            try await body()
        }
    }

    func run(_ part: Part) async {
        switch part {
        case .planner: await Planner(ports: ports, gate: gate, submission: submission, metrics: metrics).run()
        case .dispatcher: await dispatcher.run()
        case .releaser: await releaser.run()
        case .deadLetters: await deadLetters.run()
        case .relay: await EventRelay(ports: ports, gate: gate, settings: settings, metrics: metrics).run()
        case .queues: await queues.run()
        case .orphans:
            await OrphanKeeper(ports: ports, gate: gate, directory: directory, queues: queues).run()
        case .gate: await gate.run()
        case .runner: await runner.run()
        case .retention: await Retention(ports: ports, gate: gate, settings: settings, metrics: metrics).run()
        }
    }

    /// Waits until so many sleep, and moves the clock past them.
    func pass(_ milliseconds: Int64, sleepers: Int = 1) async {
        await time.waitForSleepers(sleepers)
        broker.advance(by: milliseconds)
    }

    // MARK: Setting up

    /// Creates a target as the use case does, without its queue.
    @discardableResult
    func addTarget(
        channel: ChannelType = .webhook, domain: DomainID = domain, url: String = "https://receiver.example/",
        maxInFlight: Int = 16, retry: RetryPolicy = RetryPolicy(schedule: .explicit([5_000, 5_000]), jitter: 0),
        isOpen: Bool = false
    ) async throws -> Target {
        let target = try await ledger.createTarget(
            NewTarget(
                domainID: domain, channelType: channel, name: "target", configuration: ["url": .string(url)],
                credentials: ["secret": Secret("s")],
                delivery: DeliverySettings(retry: retry, maxInFlight: maxInFlight), queueType: .quorum,
                createdAt: time.now()))
        directory.put(target)
        if isOpen { try await broker.open(target.queue, prefetch: 100) }
        return target
    }

    /// Disables a target in ledger and directory.
    func disable(_ id: TargetID) async throws {
        let change = TargetChange(availability: .disabled(reason: "why"), changedAt: time.now())
        directory.put(try #require(try await ledger.updateTarget(id, change)))
    }

    /// Takes plans over behind the planner's back, for all targets, and lets none of their jobs go.
    ///
    /// - Returns: The jobs as they are owed, by id.
    func owe(
        plans: Int = 1, to targets: [Target]? = nil, policy: Policy = Sample.policy(), startsAtOnce: Bool = false
    ) async throws -> [OwedJob] {
        let before = ledger.inspect { $0.jobs.count }
        let selection = targets.map { targets in
            PlanRequest.Selection.targets(targets.map { PlanRequest.TargetReference(id: $0.id, transform: nil) })
        }
        for number in 0..<plans {
            let request = Sample.planRequest(
                idempotencyKey: "owed-\(before)-\(number)", selection: selection ?? .all, policy: policy)
            var prepared = try preparation.prepare(
                request, requestDigest: LedgerScenario.digest(request.idempotencyKey), userID: nil, at: time.now())
            for index in prepared.jobs.indices { prepared.jobs[index].startsAtOnce = startsAtOnce }
            guard case .created = try await ledger.accept(prepared) else {
                throw ScenarioFailure("the plan was not created")
            }
        }
        return ledger.inspect { tables in tables.jobs.dropFirst(before).compactMap(\.owed) }
    }

    // MARK: Looking in

    func job(_ owed: OwedJob) throws -> Job {
        try #require(ledger.inspect { $0.job(owed.claim.jobID) }).job
    }

    /// The routing keys of the events that are owed, without `distribution.` and those of targets being created.
    func owedEvents() -> [String] {
        ledger.inspect { $0.events.map { String($0.event.routingKey.dropFirst("distribution.".count)) } }
            .filter { !$0.hasSuffix(".target.created") }
    }
}

extension OwedJob {
    var outgoing: OutgoingJob {
        OutgoingJob(
            claim: claim, attempt: attempt, contentType: contentType, body: body, trace: trace, delayMilliseconds: 0)
    }
}
