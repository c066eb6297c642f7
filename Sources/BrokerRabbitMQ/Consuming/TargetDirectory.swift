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
    /// Queues whose consumer the broker did not answer.
    private var suspects: Set<String> = []
    /// Queues that were found missing or held by somebody else, and are not consumed yet.
    private var bereft: Set<String> = []
    private var occupancy: [Int] = []
    private var additions = 0
    private let targetsPerGroup: Int

    init(targetsPerGroup: Int) {
        self.targetsPerGroup = targetsPerGroup
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

    func isSuspect(_ name: String) -> Bool { suspects.contains(name) }

    mutating func suspect(_ name: String) {
        suspects.insert(name)
    }

    mutating func trust(_ name: String) {
        suspects.remove(name)
    }

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
        suspects.remove(name)
        bereft.remove(name)
    }
}
