import Distribution
import Logging
import Synchronization

/// Starts delivery attempts for job messages, within the limits, and settles each message with what came of it.
///
/// A message leaves its queue only after its outcome is committed. A copy that arrives while its job is in hand is held
/// until then and looked at anew. What waits for a target that is held back (paused, disabled, its circuit open) goes
/// back to its queue, in order, once the queue is not consumed any more.
final class Dispatcher: Sendable {
    struct State {
        var slots: AttemptSlots<IncomingJobMessage>
        /// Jobs in hand, each with the copies that arrived meanwhile.
        var held: [JobID: [IncomingJobMessage]] = [:]
        var isStopping = false
    }

    enum Input: Sendable {
        case messages([IncomingJobMessage])
        /// An attempt that is open already, and holds its slot.
        case prompt(PromptAttempt)
        /// The time of a target that had to wait has come.
        case alarm(TargetID)
        case queue(QueueKeeper.Transition)
        /// More work may start, or alarms are to be set.
        case slotsFree
        case streamEnded
        /// Nothing is started promptly after this.
        case stopped
    }

    let ports: Ports
    let directory: TargetDirectory
    let queues: QueueKeeper
    let attempt: AttemptProcedure
    let settings: OrchestratorSettings
    private let metrics: OrchestratorMetrics
    let state: Mutex<State>
    private let inputs: AsyncStream<Input>
    let input: AsyncStream<Input>.Continuation
    private let idle: AsyncStream<Void>
    private let becameIdle: AsyncStream<Void>.Continuation

    init(
        ports: Ports, directory: TargetDirectory, queues: QueueKeeper, attempt: AttemptProcedure,
        settings: OrchestratorSettings, metrics: OrchestratorMetrics
    ) {
        self.ports = ports
        self.directory = directory
        self.queues = queues
        self.attempt = attempt
        self.settings = settings
        self.metrics = metrics
        state = Mutex(State(slots: AttemptSlots(limit: settings.concurrency)))
        (inputs, input) = AsyncStream.makeStream(of: Input.self)
        (idle, becameIdle) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Handles messages until the broker's stream ends; then gives back what waits and lets what is in flight end, for
    /// `drainMilliseconds` at most.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                for await batch in self.ports.broker.jobMessages { self.input.yield(.messages(batch)) }
                self.input.yield(.streamEnded)
            }
            group.addTask {
                for await transition in self.queues.transitions { self.input.yield(.queue(transition)) }
            }
            receiving: for await input in inputs {
                switch input {
                case .messages(let batch): takeIn(batch)
                case .prompt(let attempt): group.addTask { await self.work(on: attempt) }
                case .alarm(let target): state.withLock { $0.slots.wake(target) }
                case .queue(let transition): follow(transition)
                case .slotsFree, .stopped: break
                case .streamEnded: break receiving
                }
                while let message = state.withLock({ startNext(&$0) }) {
                    group.addTask { await self.work(from: message) }
                }
                for alarm in state.withLock({ $0.slots.takeAlarms() }) {
                    group.addTask { await self.sound(alarm.target, at: alarm.at) }
                }
            }
            for attempt in await stop() { group.addTask { await self.work(on: attempt) } }
            await drain()
            group.cancelAll()
        }
        // Copies that were freed after the last message had been taken in.
        input.finish()
        for await case .messages(let copies) in inputs { release(copies) }
    }

    /// Whether a message of a target waits here or is attempted.
    func hasInHand(_ target: TargetID) -> Bool {
        state.withLock { $0.slots.hasWork(of: target) }
    }

    /// Takes messages in: a copy of a job in hand is held, the others wait for a slot.
    private func takeIn(_ batch: [IncomingJobMessage]) {
        let now = ports.time.now()
        queues.noteBodies(batch.map { (lane(of: $0), $0.body.count) })
        for message in batch {
            guard case .success(let claim) = message.claim else {
                enqueue(message, at: now)
                continue
            }
            let isCopy = state.withLock { state in
                if state.held[claim.jobID] != nil {
                    state.held[claim.jobID]?.append(message)
                    return true
                }
                state.held[claim.jobID] = []
                return false
            }
            if !isCopy { enqueue(message, at: now) }
        }
    }

    /// What arrives late of a queue that is not consumed any more would be held for as long as its target is.
    private func enqueue(_ message: IncomingJobMessage, at now: Timestamp) {
        let target = lane(of: message)
        if case .hold = directory.stance(of: target, prefetch: 1, at: now), !queues.isConsuming(target) {
            release([message])
        } else {
            state.withLock { $0.slots.enqueue(message, of: target) }
        }
    }

    private func startNext(_ state: inout State) -> IncomingJobMessage? {
        guard !state.isStopping else { return nil }
        let now = ports.time.now()
        return state.slots.next { [directory] in directory.admit($0, at: now) }
    }

    private func follow(_ transition: QueueKeeper.Transition) {
        if transition.isConsumed {
            state.withLock { $0.slots.wake(transition.target) }
        } else {
            release(state.withLock { $0.slots.withdraw(transition.target) })
        }
    }

    private func sound(_ target: TargetID, at time: Timestamp) async {
        guard (try? await ports.time.sleep(until: time)) != nil else { return }
        input.yield(.alarm(target))
    }

    /// Works on one message after the other for as long as a slot is free: under load one task serves many jobs.
    func work(from first: IncomingJobMessage?) async {
        var current = first
        while let message = current {
            switch await attempt.run(message) {
            case .acknowledge: acknowledge(message)
            case .giveBack: message.settlement.giveBack()
            }
            current = finish(lane(of: message), try? message.claim.get().jobID)
        }
    }

    private func acknowledge(_ message: IncomingJobMessage) {
        ports.crashPoints?.reached(.jobAcknowledging)
        message.settlement.acknowledge()
        ports.crashPoints?.reached(.jobAcknowledged)
    }

    /// Frees a slot, and the copies of the job that it was held for, which are looked at anew.
    ///
    /// - Returns: The work to go on with in the same task.
    func finish(_ target: TargetID, _ job: JobID?) -> IncomingJobMessage? {
        directory.finish(target, at: ports.time.now())
        let (copies, next, isMoreToDo, inFlight) = state.withLock { state in
            state.slots.finish(target)
            let copies = job.flatMap { state.held.removeValue(forKey: $0) } ?? []
            let next = startNext(&state)
            let isMoreToDo = !state.isStopping && (state.slots.mayStart || state.slots.hasAlarms)
            return (copies, next, isMoreToDo, state.slots.inFlight)
        }
        metrics.inFlight(inFlight)
        if inFlight == 0 { becameIdle.yield() }
        if !copies.isEmpty {
            input.yield(.messages(copies))
        } else if isMoreToDo {
            input.yield(.slotsFree)
        }
        return next
    }

    private func release(_ messages: [IncomingJobMessage]) {
        for message in messages {
            var copies: [IncomingJobMessage] = []
            if case .success(let claim) = message.claim {
                copies = state.withLock { $0.held.removeValue(forKey: claim.jobID) } ?? []
            }
            for each in [message] + copies { each.settlement.giveBack() }
        }
    }

    /// Starts nothing more, gives back what waits, and leaves nothing unread that holds a slot.
    ///
    /// - Returns: The attempts that were opened before, and have yet to be made.
    private func stop() async -> [PromptAttempt] {
        release(
            state.withLock { state in
                state.isStopping = true
                input.yield(.stopped)
                return state.slots.withdrawAll()
            })
        var opened: [PromptAttempt] = []
        for await input in inputs {
            switch input {
            case .prompt(let attempt): opened.append(attempt)
            case .messages(let copies): release(copies)
            case .stopped: return opened
            case .alarm, .queue, .slotsFree, .streamEnded: break
            }
        }
        return opened
    }

    private func drain() async {
        guard state.withLock({ $0.slots.inFlight }) > 0 else { return }
        await withTaskGroup(of: Void.self) { race in
            race.addTask {
                for await _ in self.idle where self.state.withLock({ $0.slots.inFlight }) == 0 { return }
            }
            race.addTask { [ports, settings] in
                let deadline = ports.time.now().adding(milliseconds: settings.drainMilliseconds)
                try? await ports.time.sleep(until: deadline)
            }
            await race.next()
            race.cancelAll()
        }
    }

    /// The target whose queue it came from, whatever it claims.
    private func lane(of message: IncomingJobMessage) -> TargetID {
        if let queue = message.queue { return queue.targetID }
        return (try? message.claim.get().targetID) ?? TargetID(0)
    }
}
