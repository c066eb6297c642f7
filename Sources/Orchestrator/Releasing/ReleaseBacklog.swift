import Distribution
import Synchronization

/// The jobs that wait in memory to be published, bounded in number and bytes, and which jobs are known here at all.
///
/// What does not fit is forgotten and read from the ledger later, which owes it: the broker may be held back by an alarm
/// for hours while plans are taken. Known is a job from the moment it waits here until its confirm is noted, so that a
/// look into the ledger meanwhile does not publish it a second time.
struct ReleaseBacklog: Sendable {
    static let jobLimit = 4_096
    /// Bytes of bodies; one body in several jobs counts for each.
    static let byteLimit = 16 << 20

    private var jobs = FIFO<OwedJob>()
    private var bytes = 0
    private var known: Set<PublishedEpoch> = []
    /// Whether the ledger owes jobs that were forgotten here.
    private var isBehind = false

    var count: Int { jobs.count }
    var isEmpty: Bool { jobs.isEmpty }
    /// Whether more should come only from whoever can wait no longer.
    var isFull: Bool { jobs.count >= Self.jobLimit || bytes >= Self.byteLimit }

    /// Takes jobs in as far as there is room: the first ones of them, in their order.
    mutating func add(_ new: [OwedJob]) {
        for job in new {
            // Behind the first that was forgotten nothing waits, so that jobs leave in the order they were owed.
            guard !isBehind, !isFull else {
                isBehind = true
                return
            }
            guard known.insert(job.published).inserted else { continue }
            bytes += job.body.count
            jobs.append(job)
        }
    }

    /// The next jobs to publish, at most `limit`; they stay known.
    mutating func take(_ limit: Int) -> [OwedJob] {
        var batch: [OwedJob] = []
        while batch.count < limit, let job = jobs.popFirst() {
            bytes -= job.body.count
            batch.append(job)
        }
        return batch
    }

    /// Whether the ledger is to be looked into, once for what was forgotten; only when nothing waits here any more.
    mutating func catchesUp() -> Bool {
        guard isBehind, jobs.isEmpty else { return false }
        isBehind = false
        return true
    }

    /// Those of the ledger's jobs that nobody here is about to publish; they are known from now on.
    mutating func admit(_ owed: [OwedJob]) -> [OwedJob] {
        owed.filter { known.insert($0.published).inserted }
    }

    /// Their confirms are noted, or they were not published: the ledger alone knows them.
    mutating func forget(_ published: some Sequence<PublishedEpoch>) {
        for each in published { known.remove(each) }
    }
}

/// The backlog as several tasks see it.
final class SharedBacklog: Sendable {
    private let state = Mutex(ReleaseBacklog())

    func withLock<Value: Sendable>(_ body: (inout ReleaseBacklog) -> Value) -> Value {
        state.withLock { body(&$0) }
    }
}

extension OwedJob {
    var published: PublishedEpoch { PublishedEpoch(jobID: claim.jobID, epoch: claim.epoch) }
}
