package import Distribution
import Synchronization

/// The broker of a simulated world, with the network before it: it outlives the processes that connect to it.
///
/// Whatever it has confirmed stays until it is acked. Connections break and come back, messages are late, come twice or
/// are refused, as the weather is.
package final class SimulatedNode: Sendable {
    package enum Side: Sendable, Hashable, CaseIterable {
        case publishing, consuming
    }

    struct Job: Sendable {
        /// nil for an orphan whose key names no target.
        let queue: TargetQueue?
        let claim: JobClaim
        let contentType: String
        let body: [UInt8]
        let trace: TraceContext?
        var isDeadLetter = false
    }

    struct Message: Sendable {
        enum Content: Sendable {
            case plan(InMemoryPlanMessage)
            case job(Job)
        }

        let number: Int
        let content: Content
        var isRedelivered = false
        var timesHandedOut = 0
    }

    struct Queue: Sendable {
        var ready: [Message] = []
        var inHand = 0
    }

    struct Delivery: Sendable {
        let queue: String
        let message: Message
    }

    /// A job that was taken from its publisher.
    package struct Publication: Sendable, Hashable {
        package let jobID: JobID
        package let at: Timestamp
        /// Whether it went into the ladder.
        package let isDelayed: Bool
    }

    /// What has arrived for good, for the check at the end.
    package struct Record: Sendable {
        /// In the order in which they arrived, repetitions included.
        package internal(set) var events: [OutgoingEvent] = []
        package internal(set) var deadLetters: [DeadLetter] = []
        package internal(set) var refusedPlans: [[UInt8]] = []
        package internal(set) var quarantined = 0
        /// Of jobs, by their publishers, in order.
        package internal(set) var publications: [Publication] = []
        /// How often the message that went to and fro most was handed out.
        package internal(set) var mostHandedOut = 0
    }

    struct State: Sendable {
        var record = Record()
        var queues: [String: Queue] = [SimulatedNode.plans: Queue(), SimulatedNode.orphans: Queue()]
        var inHand: [Int: Delivery] = [:]
        /// Messages of jobs on their way through the ladder.
        var inLadder = 0
        /// Batches that publishers have on the wire.
        var inTransit = 0
        var lastNumber = 0
        var lastTag = 0
        var down: Set<Side> = []
        /// Of each side: which connection it is.
        var lines: [Side: Int] = [.publishing: 0, .consuming: 0]
        var generation = 1
        var isBlocked = false
        var isPumpScheduled = false
        var session: SimulatedBroker?
        var isConsuming = false
        /// Messages in hand at most, by queue, of the present process.
        var consumers: [String: Int] = [:]
        /// Queues whose consumer gets nothing, for as long as it lives.
        var deaf: Set<String> = []

        var health: BrokerHealth {
            guard down.isEmpty else { return .disconnected(reason: "connection reset") }
            return isBlocked ? .blocked(reason: "low on memory") : .connected(generation: generation)
        }
    }

    static let plans = "plans"
    static let orphans = "orphans"
    private static let standingPrefetch = 64
    /// The longest way through the ladder, in milliseconds.
    private static let longestDelay: Int64 = 838_860_700

    let executor: SimulationExecutor
    let chance: SeededRandomness
    let weather: SimulationWeather
    private let trace: SimulationTrace
    private let state = Mutex(State())

    package init(
        executor: SimulationExecutor, chance: SeededRandomness, weather: SimulationWeather, trace: SimulationTrace
    ) {
        self.executor = executor
        self.chance = chance
        self.weather = weather
        self.trace = trace
    }

    func withState<Value: Sendable>(_ body: (inout State) -> Value) -> Value {
        state.withLock { body(&$0) }
    }

    func note(_ line: @autoclosure () -> String) {
        trace.note(1, "\(executor.now.milliseconds) node: \(line())")
    }

    static func name(_ channel: ChannelType, _ target: TargetID) -> String { "jobs.\(channel).\(target)" }

    static func name(_ queue: TargetQueue) -> String { name(queue.channelType, queue.targetID) }

    // MARK: Looking in

    package var record: Record { withState { $0.record } }

    /// Messages that wait or are in hand, by queue; queues without any are left out. The ladder counts as
    /// `ladder`, and as `wire` what publishers have under way.
    package var contents: [(queue: String, count: Int)] {
        withState { state in
            let queues = state.queues.keys.sorted().compactMap { name in
                state.queues[name].map { (queue: name, count: $0.ready.count + $0.inHand) }
            }
            let moving = [(queue: "ladder", count: state.inLadder), (queue: "wire", count: state.inTransit)]
            return (queues + moving).filter { $0.count > 0 }
        }
    }

    /// Whether any message is in somebody's hand.
    package var hasInHand: Bool { withState { !$0.inHand.isEmpty } }

    package var targetQueues: [String] {
        withState { $0.queues.keys.filter { $0.hasPrefix("jobs.") }.sorted() }
    }

    package static func queueName(of target: Target) -> String { name(target.channelType, target.id) }

    // MARK: Messages in

    package func send(_ plan: InMemoryPlanMessage) {
        enqueue(.plan(plan), in: Self.plans)
    }

    /// An operator moves a dead letter back to the jobs.
    package func moveBack(_ letter: DeadLetter) {
        let queue = TargetQueue(
            targetID: letter.claim.targetID, channelType: letter.claim.channelType, type: .quorum)
        route(
            Job(
                queue: queue, claim: letter.claim, contentType: letter.contentType, body: letter.body,
                trace: letter.trace, isDeadLetter: true))
    }

    /// Takes a job from its publisher: into its queue, or into the ladder.
    func take(_ job: OutgoingJob) {
        let content = Job(
            queue: TargetQueue(targetID: job.claim.targetID, channelType: job.claim.channelType, type: .quorum),
            claim: job.claim, contentType: job.contentType, body: job.body, trace: job.trace)
        let publication = Publication(
            jobID: job.claim.jobID, at: executor.now, isDelayed: job.delayMilliseconds > 0)
        withState { $0.record.publications.append(publication) }
        guard job.delayMilliseconds > 0 else { return route(content) }
        let whole = min((job.delayMilliseconds + 99) / 100 * 100, Self.longestDelay)
        // A level that was left early by a clock that was set.
        let early = weather.happens(perMille: 30) ? whole * Int64(chance.below(500)) / 1_000 : 0
        climb(content, for: whole - early + Int64(chance.below(10)))
        if weather.happens(perMille: 40) { climb(content, for: whole + Int64(chance.below(2_000))) }
    }

    private func climb(_ job: Job, for milliseconds: Int64) {
        withState { $0.inLadder += 1 }
        executor.schedule(after: milliseconds) {
            self.withState { $0.inLadder -= 1 }
            self.route(job)
        }
    }

    private func route(_ job: Job) {
        let name = Self.name(job.claim.channelType, job.claim.targetID)
        let exists = withState { $0.queues[name] != nil }
        note("job \(job.claim.jobID) epoch \(job.claim.epoch) into \(exists ? name : Self.orphans)")
        enqueue(.job(job), in: exists ? name : Self.orphans)
    }

    private func enqueue(_ content: Message.Content, in queue: String) {
        withState { state in
            state.lastNumber += 1
            state.queues[queue, default: Queue()].ready.append(Message(number: state.lastNumber, content: content))
        }
        pumpSoon()
    }

    // MARK: Messages out

    func pumpSoon() {
        let delay = weather.happens(perMille: 40) ? chance.within(20...400) : max(0, chance.below(8) - 4)
        let mustSchedule = withState { state in
            defer { state.isPumpScheduled = true }
            return !state.isPumpScheduled
        }
        if mustSchedule { executor.schedule(after: Int64(delay)) { self.pump() } }
    }

    private func pump() {
        let isCut = chance.happens(perMille: 200)
        let more: Bool = withState { state in
            state.isPumpScheduled = false
            guard let session = state.session, !state.down.contains(.consuming) else { return false }
            var batch: [(tag: Int, delivery: Delivery)] = []
            var limit = isCut ? 1 + chance.below(3) : Int.max
            for name in state.consumers.keys.sorted() {
                guard var queue = state.queues[name], let prefetch = state.consumers[name], !state.deaf.contains(name)
                else { continue }
                while queue.inHand < prefetch, !queue.ready.isEmpty, limit > 0 {
                    limit -= 1
                    var message = queue.ready.removeFirst()
                    message.timesHandedOut += 1
                    if message.timesHandedOut > 1 {
                        note("\(name) message \(message.number) for the \(message.timesHandedOut). time")
                    }
                    state.record.mostHandedOut = max(state.record.mostHandedOut, message.timesHandedOut)
                    queue.inHand += 1
                    state.lastTag += 1
                    let delivery = Delivery(queue: name, message: message)
                    state.inHand[state.lastTag] = delivery
                    batch.append((state.lastTag, delivery))
                }
                state.queues[name] = queue
            }
            session.hand(batch)
            return limit == 0
        }
        if more { pumpSoon() }
    }

    /// Settles a message, once the word has come over the wire: it gets lost where the connection ends before.
    func settle(_ tag: Int, isAcknowledged: Bool) {
        let delay = chance.happens(perMille: 300) ? Int64(chance.within(1...20)) : 0
        guard delay > 0 else { return settleNow(tag, isAcknowledged) }
        executor.schedule(after: delay) { self.settleNow(tag, isAcknowledged) }
    }

    private func settleNow(_ tag: Int, _ isAcknowledged: Bool) {
        let isKnown = withState { state in
            guard let delivery = state.inHand.removeValue(forKey: tag) else { return false }
            state.queues[delivery.queue]?.inHand -= 1
            if !isAcknowledged { state.putBack(delivery) }
            return true
        }
        if isKnown { pumpSoon() }
    }

    // MARK: Target queues

    /// - Returns: nil where nobody is connected, or consumption has been stopped.
    func open(_ queue: TargetQueue, prefetch: Int, by broker: SimulatedBroker) -> QueueOpening? {
        note("open \(Self.name(queue))")
        guard let opening = declare(queue, by: broker) else { return nil }
        let isConsumed = withState { state in
            guard state.isConsuming else { return false }
            state.consumers[Self.name(queue)] = prefetch
            return true
        }
        guard isConsumed else { return nil }
        pumpSoon()
        return opening
    }

    func declare(_ queue: TargetQueue, by broker: SimulatedBroker) -> QueueOpening? {
        withState { state in
            guard !state.down.contains(.consuming), state.session === broker else { return nil }
            let name = Self.name(queue)
            guard state.queues[name] == nil else { return .found }
            state.queues[name] = Queue()
            return .declared
        }
    }

    /// - Throws: Where the session has no connection to ask on.
    func depth(of queue: TargetQueue, by broker: SimulatedBroker) throws(BrokerError) -> QueueDepth? {
        let depth: Result<QueueDepth?, BrokerError> = withState { state in
            let name = Self.name(queue)
            guard !state.down.contains(.consuming), state.session === broker else {
                return .failure(BrokerError(kind: .unavailable, message: "The broker is not connected."))
            }
            return .success(
                state.queues[name].map { present in
                    QueueDepth(ready: present.ready.count, consumers: state.consumers[name] == nil ? 0 : 1)
                })
        }
        return try depth.get()
    }

    /// Ends the consumer of a queue and has another one take its place.
    func reopen(_ queue: TargetQueue, by broker: SimulatedBroker) {
        note("reopen \(Self.name(queue))")
        withState { state in
            guard !state.down.contains(.consuming), state.session === broker else { return }
            state.putAllBack { $0 == Self.name(queue) }
        }
        pumpSoon()
    }

    func close(_ queue: TargetQueue, by broker: SimulatedBroker) {
        note("close \(Self.name(queue))")
        withState { state in
            guard state.session === broker else { return }
            state.consumers[Self.name(queue)] = nil
            state.deaf.remove(Self.name(queue))
        }
    }

    /// - Returns: Whether the queue is gone; nil where nobody is connected.
    func remove(_ queue: TargetQueue, by broker: SimulatedBroker) -> Bool? {
        withState { state in
            let name = Self.name(queue)
            guard !state.down.contains(.consuming), state.session === broker else { return nil }
            guard let present = state.queues[name] else { return true }
            guard present.ready.isEmpty, present.inHand == 0, state.consumers[name] == nil else { return false }
            state.queues[name] = nil
            return true
        }
    }

    // MARK: Processes

    func attach(_ session: SimulatedBroker) {
        withState { state in
            state.session = session
            state.isConsuming = true
            state.consumers = [Self.plans: Self.standingPrefetch, Self.orphans: Self.standingPrefetch]
        }
        pumpSoon()
    }

    /// The process is gone: whatever it had in hand goes back.
    func detach() {
        withState { state in
            state.session = nil
            state.consumers = [:]
            for side in Side.allCases { state.lines[side, default: 0] += 1 }
            state.putAllBack { _ in true }
        }
    }

    func stopConsuming(_ broker: SimulatedBroker) {
        withState { state in
            guard state.session === broker else { return }
            state.isConsuming = false
            state.consumers = [:]
        }
    }
}

extension SimulatedNode.State {
    /// Puts a message back ahead of everything that came after it.
    mutating func putBack(_ delivery: SimulatedNode.Delivery) {
        var message = delivery.message
        message.isRedelivered = true
        guard let ready = queues[delivery.queue]?.ready else { return }
        let place = ready.firstIndex { $0.number > message.number } ?? ready.endIndex
        queues[delivery.queue]?.ready.insert(message, at: place)
    }

    /// Puts back what is in hand from these queues, whose consumers end, or begin anew.
    mutating func putAllBack(where isMeant: (String) -> Bool) {
        deaf = deaf.filter { !isMeant($0) }
        for tag in inHand.keys.sorted(by: >) {
            guard let delivery = inHand[tag], isMeant(delivery.queue) else { continue }
            inHand[tag] = nil
            queues[delivery.queue]?.inHand -= 1
            putBack(delivery)
        }
    }
}
