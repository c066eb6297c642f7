package import Distribution

/// The rows of an ``InMemoryLedger``: a value, so that a transaction is a copy that is kept or dropped.
///
/// Ids count from 1, and rows stand in the order of their ids.
package struct InMemoryTables: Sendable {
    package struct PlanRow: Sendable {
        package var plan: Plan
        package let requestDigest: Digest256
        package var hasBegun = false
        package var sequence: Int64 = 0
    }

    package struct JobRow: Sendable {
        package var job: Job
        package var payload: Payload?
        package let trace: TraceContext?
        package var openAttempt: AttemptID?
        /// What ``Job/nextAttemptAt`` was before the open attempt, should it be given back.
        package var dueBefore: Timestamp?
        package var firstAttemptAt: Timestamp?
        package var attempts: [AttemptRow] = []
        package var receipt: Receipt?
        package var diedAt: Timestamp?
        package var owesDeadLetter = false
        /// Its dead letter is no more, and neither are its bytes.
        package var isPurged = false
    }

    package struct AttemptRow: Sendable {
        package var attempt: Attempt
        package let incarnation: Int
    }

    package struct TargetRow: Sendable {
        package var target: Target
        package var isDeleted = false
    }

    package struct KeyRow: Sendable {
        package var key: APIKey
        package let digest: Digest256
    }

    package internal(set) var plans: [PlanRow] = []
    package internal(set) var jobs: [JobRow] = []
    /// The highest id of each that was ever given out.
    package internal(set) var lastPlanID: Int64 = 0
    package internal(set) var lastJobID: Int64 = 0
    package internal(set) var runs: [DeadLetterRun] = []
    package internal(set) var lastRunID: Int64 = 0
    /// Plans of which only jobs are left.
    package internal(set) var removals: [PlanRemoval] = []
    package internal(set) var targetRows: [TargetRow] = []
    package internal(set) var keys: [KeyRow] = []
    /// Events not confirmed yet, in order.
    package internal(set) var events: [OwedEvent] = []
    package internal(set) var lastPlace: Int64 = 0
    var rejections: [Digest256: Timestamp] = [:]
    /// Of plans that have not come yet, by domain and key.
    var cancellations: [DomainID: [String: Timestamp]] = [:]
    /// Plans whose jobs are being tried again in steps: the last job that was looked at.
    package internal(set) var retries: [PlanID: JobID] = [:]
    var lastAttemptID: Int64 = 0
    var lastReceiptID: Int64 = 0
    private(set) var incarnation = 1
    /// The newest moment that a call has named, for calls that name none.
    private(set) var latest = Timestamp(milliseconds: 0)
    private let composer = EventComposer(source: "/clawcast/memory")

    init() {}

    func nextIncarnation() -> InMemoryTables {
        var next = self
        next.incarnation += 1
        return next
    }

    // MARK: Rows

    package func plan(_ id: PlanID) -> PlanRow? { plans.place(of: id, \.plan.id).map { plans[$0] } }
    package func job(_ id: JobID) -> JobRow? { jobs.place(of: id, \.job.id).map { jobs[$0] } }
    package func target(_ id: TargetID) -> TargetRow? {
        targetRows.place(of: id, \.target.id).map { targetRows[$0] }
    }

    package var liveTargets: [Target] { targetRows.filter { !$0.isDeleted }.map(\.target) }

    mutating func change(_ id: JobID, _ body: (inout JobRow) -> Void) {
        guard let place = jobs.place(of: id, \.job.id) else { return }
        body(&jobs[place])
    }

    mutating func change(_ id: PlanID, _ body: (inout PlanRow) -> Void) {
        guard let place = plans.place(of: id, \.plan.id) else { return }
        body(&plans[place])
    }

    mutating func saw(_ time: Timestamp) {
        latest = max(latest, time)
    }

    // MARK: Events

    /// Owes an event that belongs to no plan.
    mutating func owe(at time: Timestamp, _ compose: (EventComposer, EventStamp) -> OutgoingEvent) {
        append(compose(composer, stamp(at: time, sequence: nil)), at: time)
    }

    /// Owes the next event of a plan, told of the plan as it stands.
    mutating func owe(
        _ id: PlanID, at time: Timestamp, _ compose: (EventComposer, EventStamp, PlanRow) -> OutgoingEvent
    ) {
        change(id) { $0.sequence += 1 }
        guard let plan = plan(id) else { return }
        append(compose(composer, stamp(at: time, sequence: plan.sequence), plan), at: time)
    }

    private func stamp(at time: Timestamp, sequence: Int64?) -> EventStamp {
        let random = (UInt64(incarnation), UInt64(bitPattern: lastPlace + 1))
        return EventStamp(id: UUIDv7(time: time, random: random), time: time, sequence: sequence)
    }

    private mutating func append(_ event: OutgoingEvent, at time: Timestamp) {
        lastPlace += 1
        events.append(OwedEvent(place: lastPlace, event: event))
        saw(time)
    }
}

extension Array {
    /// Where the row with an id stands, among rows in the order of their ids.
    fileprivate func place<Entity>(
        of id: Identifier<Entity>, _ idOf: (Element) -> Identifier<Entity>
    ) -> Int? {
        // Where nothing was removed before it, it stands at its number.
        let first = Int(id.rawValue) - 1
        if indices.contains(first), idOf(self[first]) == id { return first }
        var (low, high) = (0, Swift.min(count, Swift.max(0, first)))
        while low < high {
            let middle = (low + high) / 2
            if idOf(self[middle]) < id { low = middle + 1 } else { high = middle }
        }
        return low < count && idOf(self[low]) == id ? low : nil
    }
}

extension InMemoryTables.PlanRow {
    var facts: PlanFacts {
        PlanFacts(
            id: plan.id, domainID: plan.domainID, idempotencyKey: plan.idempotencyKey, requestID: plan.requestID,
            contentItemID: plan.contentItemID, contentVersion: plan.contentVersion, trace: plan.trace)
    }
}

extension InMemoryTables.JobRow {
    package var claim: JobClaim { Sample.claim(for: job) }

    var deadLetter: DeadLetter? {
        guard let payload, let diedAt, let error = job.lastError else { return nil }
        return DeadLetter(
            claim: claim, contentType: payload.contentType, body: payload.bytes, trace: trace, error: error,
            attempts: job.attempt, firstAttemptAt: firstAttemptAt, diedAt: diedAt)
    }

    /// The job as it is handed to the broker; nil where nothing was rendered.
    package var owed: OwedJob? {
        payload.map { payload in
            OwedJob(
                claim: claim, attempt: job.attempt + 1, dueAt: job.nextAttemptAt ?? job.createdAt,
                contentType: payload.contentType, body: payload.bytes, trace: trace)
        }
    }
}
