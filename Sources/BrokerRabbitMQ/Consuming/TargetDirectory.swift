internal import AMQP
internal import Distribution

/// Which target queues are consumed, on which group and under which tag; plain bookkeeping.
struct TargetDirectory: Sendable {
    struct Entry: Sendable {
        let queue: TargetQueue
        /// Messages in hand at most; 0 until it was consumed for the first time.
        var prefetch: UInt16
        let group: Int
        /// The tag of the present consumer; nil while there is none and one is to be made.
        var consumerTag: String?
    }

    private(set) var entries: [String: Entry] = [:]
    /// Every queue that was ever opened and not removed: its messages may still be on their way.
    private var known: [String: TargetQueue] = [:]
    /// Queues whose consumer the broker did not answer, or may not answer, with the patience that it is worth to ask.
    private var suspects: [String: QueueProbe.Patience] = [:]
    /// When queues were declared that are still new.
    private var recentDeclarations: [String: ContinuousClock.Instant] = [:]
    /// Queues that were found missing or held by somebody else, and are not consumed yet.
    private var bereft: Set<String> = []
    private var occupancy: [Int] = []
    private var additions = 0
    private let targetsPerGroup: Int
    /// How long a queue is new.
    private let recency: Duration

    init(targetsPerGroup: Int, recency: Duration) {
        self.targetsPerGroup = targetsPerGroup
        self.recency = recency
    }

    func queue(named name: String) -> TargetQueue? { known[name] }

    var knownQueues: [TargetQueue] { known.values.sorted { $0.targetID < $1.targetID } }

    /// Takes a place for a queue, on the group that has one free; the index after the last group means a new one.
    mutating func admit(_ queue: TargetQueue, named name: String) -> Int {
        known[name] = queue
        let group = occupancy.firstIndex { $0 < targetsPerGroup } ?? occupancy.count
        if group == occupancy.count { occupancy.append(0) }
        occupancy[group] += 1
        entries[name] = Entry(queue: queue, prefetch: 0, group: group, consumerTag: nil)
        return group
    }

    /// A tag that no consumer has had before, so that a late word about an old one is told from the present one.
    mutating func makeTag(_ name: String) -> String {
        additions += 1
        return "\(name)#\(additions)"
    }

    mutating func setConsumer(_ tag: String?, prefetch: UInt16, of name: String) {
        entries[name]?.consumerTag = tag
        entries[name]?.prefetch = prefetch
    }

    /// Notes the loss of a consumer and names its queue; nil where the tag is not the present one.
    mutating func lose(consumerTag: String) -> String? {
        let name = consumerTag.prefix { $0 != "#" }
        guard entries[String(name)]?.consumerTag == consumerTag else { return nil }
        entries[String(name)]?.consumerTag = nil
        return String(name)
    }

    /// Frees the place of a queue.
    mutating func dismiss(_ name: String) -> Entry? {
        guard let entry = entries.removeValue(forKey: name) else { return nil }
        occupancy[entry.group] -= 1
        return entry
    }

    /// With how much patience a queue is to be asked for an answer before it is consumed; nil where it is not suspected.
    func suspicion(of name: String) -> QueueProbe.Patience? { suspects[name] }

    /// Notes that the broker did not answer the queue's consumer. A new queue stays one until it has answered.
    mutating func suspect(_ name: String, at now: ContinuousClock.Instant = .now) {
        guard suspects[name] != .short else { return }
        suspects[name] = isNew(name, at: now) ? .short : .usual
    }

    /// Suspects a queue that was new when its connection ended; not too many, as each is asked on a connection of its own.
    ///
    /// - Returns: Whether it is suspected.
    @discardableResult
    mutating func suspectIfNew(_ name: String, at now: ContinuousClock.Instant = .now) -> Bool {
        guard isNew(name, at: now), suspects.count < Self.mostSuspects else { return suspects[name] != nil }
        suspects[name] = .short
        return true
    }

    mutating func trust(_ name: String) {
        suspects[name] = nil
    }

    // MARK: New queues

    private static let mostSuspects = 64

    /// Notes that the queue, which was not there, has been declared.
    mutating func noteDeclaration(of name: String, at now: ContinuousClock.Instant = .now) {
        recentDeclarations = recentDeclarations.filter { [recency] in now - $0.value < recency }
        recentDeclarations[name] = now
    }

    private func isNew(_ name: String, at now: ContinuousClock.Instant) -> Bool {
        recentDeclarations[name].map { now - $0 < recency } ?? false
    }

    // MARK: Lost contents

    /// Notes that what the queue held is lost.
    mutating func bereave(_ name: String) {
        bereft.insert(name)
    }

    /// Whether what the queue held was lost since it was asked for the last time.
    mutating func takeBereft(_ name: String) -> Bool {
        bereft.remove(name) != nil
    }

    mutating func forget(_ name: String) {
        known[name] = nil
        suspects[name] = nil
        recentDeclarations[name] = nil
        bereft.remove(name)
    }
}
