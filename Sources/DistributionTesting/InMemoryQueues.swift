package import Distribution

/// The queues of an ``InMemoryBroker``: what is ready, what is in hand, and what waits in the ladder.
package struct InMemoryQueues: Sendable {
    package struct JobMessage: Sendable {
        package let number: Int
        package let claim: Result<JobClaim, DeliveryError>
        let contentType: String
        let body: [UInt8]
        let trace: TraceContext?
        var isRedelivered = false
        var isDeadLetter = false
    }

    package struct PlanMessage: Sendable {
        package let number: Int
        package let draft: InMemoryPlanMessage
        var isRedelivered = false
    }

    package struct Queue: Sendable {
        package let name: TargetQueue
        package fileprivate(set) var ready: [JobMessage] = []
        /// Messages in hand at most; nil while nobody consumes.
        package fileprivate(set) var prefetch: Int?
        package fileprivate(set) var inHand = 0
        /// Whether its consumer gets nothing.
        fileprivate var isDeaf = false
    }

    package struct Delayed: Sendable {
        package let dueAt: Timestamp
        package let job: OutgoingJob
    }

    /// A message that was handed out and not settled yet.
    enum Delivery: Sendable {
        case plan(PlanMessage)
        case job(JobMessage, from: String)
        case orphan(JobMessage)
    }

    /// What is handed out at once.
    struct Batch: Sendable {
        var plans: [(tag: Int, message: PlanMessage)] = []
        var jobs: [(tag: Int, message: JobMessage, queue: TargetQueue)] = []
        var orphans: [(tag: Int, message: JobMessage)] = []
    }

    /// By routing key, `webhook.12`.
    package private(set) var byKey: [String: Queue] = [:]
    package private(set) var delayed: [Delayed] = []
    package private(set) var orphans: [JobMessage] = []
    package private(set) var plans: [PlanMessage] = []
    private var inHand: [Int: Delivery] = [:]
    private var lastTag = 0
    private var lastNumber = 0

    init() {}

    package subscript(queue: TargetQueue) -> Queue? { byKey[Self.key(queue.channelType, queue.targetID)] }

    static func key(_ channel: ChannelType, _ target: TargetID) -> String { "\(channel).\(target)" }

    // MARK: Queues

    /// - Returns: false where the queue exists with another type.
    mutating func open(_ queue: TargetQueue, prefetch: Int) -> Bool {
        let key = Self.key(queue.channelType, queue.targetID)
        guard byKey[key]?.name ?? queue == queue else { return false }
        byKey[key, default: Queue(name: queue)].prefetch = prefetch
        return true
    }

    /// - Returns: false where the queue exists with another type.
    mutating func declare(_ queue: TargetQueue) -> Bool {
        let key = Self.key(queue.channelType, queue.targetID)
        guard let present = byKey[key] else {
            byKey[key] = Queue(name: queue)
            return true
        }
        return present.name == queue
    }

    mutating func close(_ queue: TargetQueue) {
        byKey[Self.key(queue.channelType, queue.targetID)]?.prefetch = nil
    }

    /// - Returns: false where it holds messages or is consumed.
    mutating func remove(_ queue: TargetQueue) -> Bool {
        let key = Self.key(queue.channelType, queue.targetID)
        guard let present = byKey[key] else { return true }
        guard present.ready.isEmpty, present.prefetch == nil else { return false }
        byKey[key] = nil
        return true
    }

    /// Loses a queue with all that is in it, as a broker does that was reset.
    mutating func lose(_ queue: TargetQueue) {
        byKey[Self.key(queue.channelType, queue.targetID)] = nil
    }

    /// Loses all that is ready in a queue, which stays as it is otherwise.
    mutating func empty(_ queue: TargetQueue) {
        byKey[Self.key(queue.channelType, queue.targetID)]?.ready = []
    }

    mutating func deafen(_ queue: TargetQueue) {
        byKey[Self.key(queue.channelType, queue.targetID)]?.isDeaf = true
    }

    /// Puts back what a queue's consumer has in hand, and has a new one take its place.
    mutating func reopen(_ queue: TargetQueue) {
        let key = Self.key(queue.channelType, queue.targetID)
        byKey[key]?.isDeaf = false
        for tag in inHand.keys.sorted(by: >) {
            if case .job(_, key) = inHand[tag] { _ = settle(tag, isAcknowledged: false) }
        }
    }

    mutating func closeAll() {
        for key in byKey.keys { byKey[key]?.prefetch = nil }
    }

    // MARK: Messages in

    @discardableResult
    mutating func add(_ draft: InMemoryPlanMessage) -> Int {
        lastNumber += 1
        plans.append(PlanMessage(number: lastNumber, draft: draft))
        return lastNumber
    }

    mutating func add(_ job: OutgoingJob, now: Timestamp) {
        guard job.delayMilliseconds > 0 else { return route(job) }
        delayed.append(Delayed(dueAt: now.adding(milliseconds: job.delayMilliseconds), job: job))
    }

    /// Adds a message whose headers make no sense.
    mutating func add(malformed error: DeliveryError, to queue: TargetQueue) {
        let message = message(.failure(error), contentType: "application/json", body: [], trace: nil)
        byKey[Self.key(queue.channelType, queue.targetID)]?.ready.append(message)
    }

    /// Adds an orphan whose headers make no sense.
    mutating func add(malformedOrphan error: DeliveryError) {
        orphans.append(message(.failure(error), contentType: "application/json", body: [], trace: nil))
    }

    /// Adds an orphan that an operator moved here from the dead letters.
    mutating func add(deadLetterOrphan job: OutgoingJob) {
        var orphan = message(.success(job.claim), contentType: job.contentType, body: job.body, trace: job.trace)
        orphan.isDeadLetter = true
        orphans.append(orphan)
    }

    private mutating func route(_ job: OutgoingJob) {
        let message = message(.success(job.claim), contentType: job.contentType, body: job.body, trace: job.trace)
        let key = Self.key(job.claim.channelType, job.claim.targetID)
        if byKey[key] == nil { orphans.append(message) } else { byKey[key]?.ready.append(message) }
    }

    private mutating func message(
        _ claim: Result<JobClaim, DeliveryError>, contentType: String, body: [UInt8], trace: TraceContext?
    ) -> JobMessage {
        lastNumber += 1
        return JobMessage(number: lastNumber, claim: claim, contentType: contentType, body: body, trace: trace)
    }

    // MARK: Messages out

    /// Hands out what the prefetch allows, after whatever has become due.
    mutating func deliver(now: Timestamp) -> Batch {
        for due in delayed.filter({ $0.dueAt <= now }).sorted(by: { $0.dueAt < $1.dueAt }) { route(due.job) }
        delayed.removeAll { $0.dueAt <= now }
        var batch = Batch()
        for message in plans { batch.plans.append((take(.plan(message)), message)) }
        for message in orphans { batch.orphans.append((take(.orphan(message)), message)) }
        (plans, orphans) = ([], [])
        for key in byKey.keys.sorted() {
            guard var queue = byKey[key], let prefetch = queue.prefetch, !queue.isDeaf else { continue }
            while queue.inHand < prefetch, !queue.ready.isEmpty {
                let message = queue.ready.removeFirst()
                queue.inHand += 1
                batch.jobs.append((take(.job(message, from: key)), message, queue.name))
            }
            byKey[key] = queue
        }
        return batch
    }

    private mutating func take(_ delivery: Delivery) -> Int {
        lastTag += 1
        inHand[lastTag] = delivery
        return lastTag
    }

    /// - Returns: What was settled; nil where it was settled before or its connection is gone.
    mutating func settle(_ tag: Int, isAcknowledged: Bool) -> Delivery? {
        guard let delivery = inHand.removeValue(forKey: tag) else { return nil }
        if case .job(_, let key) = delivery { byKey[key]?.inHand -= 1 }
        if !isAcknowledged { giveBack(delivery) }
        return delivery
    }

    /// Puts everything in hand back to the head of its queue, in order, as when the connection is lost.
    mutating func giveAllBack() {
        for tag in inHand.keys.sorted(by: >) { _ = settle(tag, isAcknowledged: false) }
    }

    /// Messages go back to where they were: ahead of everything that came after them.
    private mutating func giveBack(_ delivery: Delivery) {
        switch delivery {
        case .plan(var message):
            message.isRedelivered = true
            plans.insert(message, at: plans.firstIndex { $0.number > message.number } ?? plans.endIndex)
        case .orphan(var message):
            message.isRedelivered = true
            orphans.insert(message, at: orphans.firstIndex { $0.number > message.number } ?? orphans.endIndex)
        case .job(var message, let key):
            message.isRedelivered = true
            guard let ready = byKey[key]?.ready else { return }
            byKey[key]?.ready.insert(message, at: ready.firstIndex { $0.number > message.number } ?? ready.endIndex)
        }
    }
}
