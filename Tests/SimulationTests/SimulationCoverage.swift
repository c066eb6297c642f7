import Distribution
import DistributionTesting

/// How much of what can happen has happened, over one world or many.
struct SimulationCoverage: Sendable, Equatable {
    var seeds = 0
    var steps = 0
    var plans = 0
    var refusedPlans = 0
    var jobs = 0
    var attempts = 0
    var retried = 0
    var ambiguous = 0
    /// Jobs that their receiver has accepted more than once.
    var acceptedTwice = 0
    var succeeded = 0
    var failed = 0
    var blocked = 0
    var cancelled = 0
    var waiting = 0
    var crashes = 0
    var powerCutLosses = 0

    init() {}

    init(world: SimulationWorld) {
        let tables = world.disk.tables
        seeds = 1
        steps = world.executor.steps
        plans = tables.plans.count
        refusedPlans = world.node.record.refusedPlans.count
        jobs = tables.jobs.count
        crashes = world.withState { $0.crashes }
        powerCutLosses = world.disk.losses
        for row in tables.jobs {
            attempts += row.attempts.count
            retried += row.attempts.count > 1 ? 1 : 0
            ambiguous += row.attempts.count { $0.attempt.certainty == .ambiguous }
            switch row.job.status {
            case .succeeded: succeeded += 1
            case .failed: failed += 1
            case .blocked: blocked += 1
            case .cancelled: cancelled += 1
            case .queued, .running, .retrying: waiting += 1
            }
        }
        let accepted = Dictionary(grouping: world.receiver.requests.filter(\.isAccepted), by: \.deliveryID)
        acceptedTwice = accepted.values.count { $0.count > 1 }
    }

    static func += (sum: inout Self, other: Self) {
        for (_, field) in fields { sum[keyPath: field] += other[keyPath: field] }
    }

    var counts: [(name: String, count: Int)] {
        Self.fields.map { (name: $0.0, count: self[keyPath: $0.1]) }
    }

    private static var fields: [(String, WritableKeyPath<Self, Int>)] {
        [
            ("seeds", \.seeds), ("steps", \.steps), ("plans", \.plans), ("refused plans", \.refusedPlans),
            ("jobs", \.jobs), ("attempts", \.attempts), ("jobs tried again", \.retried),
            ("ambiguous attempts", \.ambiguous), ("jobs accepted twice", \.acceptedTwice),
            ("succeeded", \.succeeded), ("failed", \.failed), ("blocked", \.blocked), ("cancelled", \.cancelled),
            ("waiting for their target", \.waiting), ("crashes", \.crashes),
            ("commits lost to power cuts", \.powerCutLosses),
        ]
    }
}
