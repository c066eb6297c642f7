internal import AMQP
internal import Distribution
internal import Logging
internal import Synchronization

/// The consumers of all open target queues, spread over groups of limited size.
///
/// Opening, closing and removing one queue never overlap; different queues do not wait for each other.
final class TargetConsumers: Sendable {
    typealias Operation = @Sendable () async -> Void

    private struct State: Sendable {
        var directory: TargetDirectory
        var groups: [ConsumerGroup] = []
        var isStopped = false
    }

    let topology: Topology
    let connection: Connection
    let logger: Logger
    let merged = MergedDeliveries<IncomingJobMessage>()
    let gate = KeyedGate()
    let probe: QueueProbe
    /// Told of every queue that is declared anew: before it is deleted here, and after it was declared.
    let renewed: @Sendable (TargetQueue) -> Void
    /// Told of every open queue that was closed because the broker refuses it.
    let refused: @Sendable (TargetQueue) -> Void
    let crashPoints: (any CrashPoints)?
    private let state: Mutex<State>
    private let decoder = MessageDecoder()
    /// Has an operation run for as long as the broker runs.
    let spawn: @Sendable (@escaping Operation) -> Void

    init(
        topology: Topology, connection: Connection, probe: QueueProbe, targetsPerGroup: Int, recency: Duration,
        logger: Logger,
        renewed: @escaping @Sendable (TargetQueue) -> Void, refused: @escaping @Sendable (TargetQueue) -> Void,
        spawn: @escaping @Sendable (@escaping Operation) -> Void, crashPoints: (any CrashPoints)? = nil
    ) {
        self.topology = topology
        self.connection = connection
        self.probe = probe
        self.logger = logger
        self.renewed = renewed
        self.refused = refused
        self.crashPoints = crashPoints
        self.spawn = spawn
        state = Mutex(State(directory: TargetDirectory(targetsPerGroup: targetsPerGroup, recency: recency)))
    }

    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// The queues that were ever opened and not removed, by target.
    var knownQueues: [TargetQueue] { withDirectory { $0.knownQueues } }

    /// Which target's queue bears the name.
    func queue(named name: String) -> TargetQueue? {
        withDirectory { $0.queue(named: name) }
    }

    func withDirectory<Result>(_ body: (inout TargetDirectory) -> sending Result) -> sending Result {
        state.withLock { body(&$0.directory) }
    }

    /// The group on which a queue is, or will be, consumed; nil once stopped.
    func place(_ queue: TargetQueue, named name: String) -> ConsumerGroup? {
        let (group, isNew) = state.withLock { state -> (ConsumerGroup?, Bool) in
            guard !state.isStopped else { return (nil, false) }
            let index = state.directory.entries[name]?.group ?? state.directory.admit(queue, named: name)
            guard index == state.groups.count else { return (state.groups[index], false) }
            // All others would wait for one that has lost its leader.
            let group = connection.makeConsumerGroup(name: "jobs \(index)", ackDelay: AckDelay.usual) { [weak self] in
                self?.isEstablished($0) ?? true
            }
            state.groups.append(group)
            merged.expectSource()
            return (group, true)
        }
        if isNew, let group { attend(group) }
        return group
    }

    /// Whether a queue whose connection has ended is not suspected for its being new.
    private func isEstablished(_ name: String) -> Bool {
        withDirectory { !$0.suspectIfNew(name) }
    }

    func group(at index: Int) -> ConsumerGroup {
        state.withLock { $0.groups[index] }
    }

    /// Stops all consumption; `merged` ends after what is buffered.
    func stop() async {
        let groups = state.withLock { state in
            state.isStopped = true
            return state.groups
        }
        merged.close()
        await withDiscardingTaskGroup { tasks in
            for group in groups { tasks.addTask { await group.close() } }
        }
    }

    private func attend(_ group: ConsumerGroup) {
        spawn { await self.merged.pump(group) { self.messages($0) } }
        spawn {
            for await event in group.events {
                switch event {
                // Its queue was deleted, and may even be there again.
                case .cancelledByBroker(let tag): self.lost(tag) { $0.bereave($1) }
                case .failed(let tag, let error):
                    self.lost(tag) { if error.isUnanswered { $0.suspect($1) } }
                case .channelReopened: break
                }
            }
        }
    }

    private func messages(_ deliveries: [Delivery]) -> [IncomingJobMessage] {
        let queues = withDirectory { directory in deliveries.map { directory.queue(named: $0.queue) } }
        return zip(deliveries, queues).map { decoder.jobMessage($0, from: $1) }
    }

    /// Notes that a consumer is gone, and has it restored.
    func lost(_ consumerTag: String, _ note: (inout TargetDirectory, String) -> Void) {
        let name = withDirectory { directory in
            let name = directory.lose(consumerTag: consumerTag)
            if let name { note(&directory, name) }
            return name
        }
        guard let name else { return }
        logger.warning("target queue lost its consumer, it is being restored", metadata: ["queue": "\(name)"])
        spawn { await self.restore(name) }
    }
}
