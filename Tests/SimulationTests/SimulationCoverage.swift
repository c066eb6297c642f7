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
    /// Jobs that were delivered after they had waited for the time of their plan.
    var deliveredOnTime = 0
    /// Jobs that were called off before their time had come.
    var calledOffWaiting = 0
    /// Jobs that waited for their time while a process ended.
    var outlived = 0
    var crashes = 0
    var powerCutLosses = 0
    var lettersExpired = 0
    var bodiesReleased = 0
    var plansRemoved = 0
    /// Plans that a process left behind removed in part.
    var removalsOutlived = 0
    var runsForgotten = 0

    init() {}

    init(world: SimulationWorld) {
        let takes = world.disk.takes
        let tables = world.disk.tables.restoring(takes)
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
        let published = Set(world.node.record.publications.map(\.jobID))
        for id in SimulationCheck(world: world).scheduled.keys {
            guard let job = tables.job(id)?.job else { continue }
            deliveredOnTime += job.status == .succeeded ? 1 : 0
            calledOffWaiting += job.status == .cancelled && !published.contains(id) ? 1 : 0
        }
        lettersExpired = takes.reduce(0) { $0 + $1.letters.count }
        bodiesReleased = takes.reduce(0) { $0 + $1.bodies.count }
        plansRemoved = takes.reduce(0) { $0 + $1.plans.count }
        runsForgotten = takes.reduce(0) { $0 + $1.runs.count }
        removalsOutlived = world.withState { $0.removalsOutlived }
        outlived = world.withState { $0.outlived }
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
            ("waiting for their target", \.waiting), ("delivered at the time of their plan", \.deliveredOnTime),
            ("called off before their time", \.calledOffWaiting), ("waiting while a process ended", \.outlived),
            ("crashes", \.crashes),
            ("commits lost to power cuts", \.powerCutLosses), ("letters too old", \.lettersExpired),
            ("bodies released", \.bodiesReleased), ("plans removed", \.plansRemoved),
            ("removals that a process left in part", \.removalsOutlived), ("runs forgotten", \.runsForgotten),
        ]
    }
}
