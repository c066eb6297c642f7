import Distribution
import DistributionTesting
import Logging
import Synchronization

@testable import Orchestrator

/// One seed's world: what outlives the processes, the processes one after the other, and what befalls them.
final class SimulationWorld: Sendable {
    struct State: Sendable {
        var epoch: SimulationEpoch?
        /// Calls that no process has answered yet, while none is there.
        var backlog: [ClientCall] = []
        /// The present process has taken care of what the one before it left open.
        var hasRecovered = false
        var openCalls = 0
        var plannedActions = 0
        /// Plans of calls that were answered with a refusal.
        var refused: Set<String> = []
        var promises: Set<ClientCall.Promise> = []
        var sent: [SentPlan] = []
        /// Something was tried again before its time, as somebody asked for.
        var hasHastened = false
        /// Somebody has paused or resumed a target, whatever it asked for itself.
        var hasGoverned = false
        var quietSince: Timestamp?
        var isFinishing = false
        var isOver = false
        var crashes = 0
        var stops = 0
        /// Jobs that waited for their time while a process ended.
        var outlived = 0
        /// Plans that were removed in part when a process ended.
        var removalsOutlived = 0
        var violations: [String] = []
    }

    let seed: UInt64
    let options: SimulationOptions
    let trace: SimulationTrace
    let chance: SeededRandomness
    let randomness: SeededRandomness
    /// Of its own, so that nothing else depends on how often the code comes to a point.
    let crashChance: SeededRandomness
    let executor: SimulationExecutor
    let time: SimulatedTime
    let weather: SimulationWeather
    let disk = SimulatedDisk()
    let node: SimulatedNode
    let receiver: SimulatedReceiver
    let logger: Logger
    let settings: OrchestratorSettings
    /// Nothing goes wrong in this world.
    let isCalm: Bool
    /// Most plans of this world are for a later time.
    let schedulesOften: Bool
    /// When what was there becomes too old; nil where nothing does.
    let ages: SimulationAges?
    private let state = Mutex(State())

    init(seed: UInt64, options: SimulationOptions) {
        self.seed = seed
        self.options = options
        let trace = SimulationTrace(lineLimit: options.lineLimit)
        self.trace = trace
        let chance = SeededRandomness(seed: seed)
        self.chance = chance
        randomness = SeededRandomness(seed: seed ^ 0x5EED)
        crashChance = SeededRandomness(seed: seed ^ 0xC4A5)
        let executor = SimulationExecutor(chance: chance, trace: trace)
        self.executor = executor
        time = SimulatedTime(executor: executor, chance: chance)
        let severity = chance.element(of: [0, 20, 60, 100, 100, 200]) ?? 0
        isCalm = severity == 0
        schedulesOften = chance.happens(perMille: 350)
        weather = SimulationWeather(chance: chance, severity: severity)
        node = SimulatedNode(executor: executor, chance: chance, weather: weather, trace: trace)
        receiver = SimulatedReceiver(
            executor: executor, time: time, chance: chance, weather: weather, trace: trace)
        logger = Logger(label: "simulation") { _ in
            SimulationLog(trace: trace, executor: executor, isRead: options.lineLimit > 0)
        }
        var settings = OrchestratorSettings(
            concurrency: chance.within(1...8), prefetchPerTarget: chance.within(1...8),
            confirmDelayMilliseconds: chance.happens(perMille: 500) ? 0 : 170)
        settings.startsPromptly = chance.happens(perMille: 500)
        // Reconciliation mends what nothing but the broker may lose: where it loses nothing, it would hide bugs. The check
        // at the end of a world is sharper than the audit beside it.
        if !options.losesQueues || !options.reconciles { settings.reconcileIntervalMilliseconds = nil }
        settings.auditIntervalMilliseconds = nil
        // Nobody sets this clock.
        settings.clockCheckMilliseconds = 10_000_000_000
        ages = SimulationAges(seed: seed)
        settings.retentionIntervalMilliseconds = nil
        ages?.set(&settings)
        self.settings = settings
    }

    func withState<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        state.withLock { body(&$0) }
    }

    func violate(_ sentence: @autoclosure () -> String) {
        let sentence = sentence()
        withState { $0.violations.append(sentence) }
    }

    func note(_ line: @autoclosure () -> String) {
        trace.note(2, "\(executor.now.milliseconds) \(line())")
    }

    // MARK: Processes

    /// One process after the other, until the world has come to rest.
    func live() async {
        while !withState({ $0.isFinishing }) {
            let epoch = SimulationEpoch(world: self)
            let backlog = withState { state in
                state.epoch = epoch
                state.hasRecovered = false
                defer { state.backlog = [] }
                return state.backlog
            }
            note("a process starts")
            for call in backlog { epoch.make(call) }
            let end = await epoch.run()
            let waiting = disk.tables.scheduledJobs.count
            let removals = disk.tables.removals.count
            withState { state in
                state.epoch = nil
                state.outlived += waiting
                state.removalsOutlived += removals
            }
            note("the process has ended: \(end)")
            switch end {
            case .crash(let ending): audit(disk.end(ending, chance: chance))
            case .stopped: audit(disk.end(.processDied, chance: chance))
            case .failed(let reason):
                violate("The service failed: \(reason)")
                withState { $0.isFinishing = true }
            }
            await time.pause(Int64(chance.below(2_000)))
        }
        withState { $0.isOver = true }
    }

    /// Whenever a process has ended, also in the middle of everything, the ledger agrees with itself; but where it has
    /// ended before it had closed the attempts of the one before.
    private func audit(_ tables: InMemoryTables) {
        guard withState({ $0.hasRecovered }) else { return }
        for finding in tables.contradictions {
            violate("The ledger contradicts itself: \(finding.problem) of \(finding.subjects).")
        }
    }

    func crash() {
        let ending: SimulatedDisk.Ending =
            options.hasPowerCuts && chance.happens(perMille: 300) ? .powerCut : .processDied
        note("crash: \(ending)")
        withState { state in
            state.crashes += 1
            return state.epoch
        }?.crash(ending)
    }

    func stop() {
        note("stop")
        withState { state in
            state.stops += 1
            return state.epoch
        }?.stop()
    }

    /// A process that ended in good order has settled every message that it had.
    func checkSettled() {
        guard weather.isFair || isCalm, node.hasInHand else { return }
        violate("A process ended in good order and left messages unsettled.")
    }

    // MARK: Clients

    func call(_ call: ClientCall) {
        note("call \(call)")
        let epoch = withState { state in
            state.openCalls += 1
            switch call {
            case .retryPlan, .retryJob, .startRun: state.hasHastened = true
            case .pauseTarget, .resumeTarget: state.hasGoverned = true
            default: break
            }
            if state.epoch == nil { state.backlog.append(call) }
            return state.epoch
        }
        epoch?.make(call)
    }

    func answered(_ call: ClientCall, _ promise: ClientCall.Promise?) {
        withState { state in
            state.openCalls -= 1
            if let promise { state.promises.insert(promise) }
            if case .submit(let plan) = call, promise == nil { state.refused.insert("\(plan.key).\(plan.version)") }
        }
    }

    /// Whether the client who submitted a plan was told that it is refused.
    func isAnswered(_ plan: SentPlan) -> Bool {
        withState { $0.refused.contains("\(plan.key).\(plan.version)") }
    }

    func unanswered(_ call: ClientCall) {
        withState { $0.backlog.append(call) }
    }

    func send(_ plan: SentPlan) {
        note("plan \(plan.key) version \(plan.version) for \(plan.targets.map { "\($0)" } ?? "all")")
        withState { $0.sent.append(plan) }
        node.send(plan.message)
    }
}
