import Distribution
import DistributionTesting

extension SimulationCheck {
    /// How long retention may rest after the ledger has failed, in milliseconds.
    private static let longestPause: Int64 = 31_000

    /// What is gone was old enough and over, nothing else is gone, and nothing stays that is too old.
    func checkRetention() {
        checkIDs()
        guard let ages = world.ages else {
            if !takes.isEmpty { violate("Retention took something, and is off.") }
            return
        }
        for take in takes { check(take, ages) }
        checkLeftovers(ages)
    }

    /// Every id that was given out is in the ledger, or was taken by retention, once.
    private func checkIDs() {
        checkIDs("Plan", tables.plans.map(\.plan.id.rawValue), through: tables.lastPlanID)
        checkIDs("Job", tables.jobs.map(\.job.id.rawValue), through: tables.lastJobID)
        checkIDs("Run", tables.runs.map(\.id.rawValue), through: tables.lastRunID)
    }

    private func checkIDs(_ name: String, _ ids: [Int64], through last: Int64) {
        guard ids.count != Int(last) || !ids.enumerated().allSatisfy({ $0.element == Int64($0.offset + 1) }) else {
            return
        }
        violate("\(name) ids are \(ids), and as many as \(last) were given out.")
    }

    private func check(_ take: RetentionTake, _ ages: SimulationAges) {
        for row in take.plans where !hasEnded(row.plan, longAgo: ages.plans, at: take.at) {
            violate("Plan \(row.plan.id) was removed, and is \(row.plan.status) since \(since(row.plan.completedAt)).")
        }
        for id in take.openJobs { violate("Job \(id) had not ended when its plan was removed.") }
        for row in take.letters where row.diedAt.map({ $0.adding(milliseconds: ages.letters) > take.at }) ?? true {
            violate("The letter of job \(row.job.id) was purged at \(take.at), and is from \(since(row.diedAt)).")
        }
        for body in take.bodies where !hasEnded(body.plan, longAgo: ages.letters, at: take.at) || body.isOpen {
            violate("Job \(body.jobID) lost its bytes at \(take.at), with its plan \(body.plan.status).")
        }
        for run in take.runs where run.endedAt.map({ $0.adding(milliseconds: ages.plans) > take.at }) ?? true {
            violate("Run \(run.id) was forgotten at \(take.at), and has ended \(since(run.endedAt)).")
        }
    }

    private func hasEnded(_ plan: Plan, longAgo age: Int64, at moment: Timestamp) -> Bool {
        plan.status.isFinal && plan.completedAt.map { $0.adding(milliseconds: age) <= moment } == true
    }

    private func since(_ moment: Timestamp?) -> String { moment.map { "\($0)" } ?? "never" }

    private func checkLeftovers(_ ages: SimulationAges) {
        let live = world.disk.tables
        if !live.removals.isEmpty { violate("Plans are removed in part: \(live.removals).") }
        for row in live.jobs where live.plan(row.job.planID) == nil {
            violate("Job \(row.job.id) is left of plan \(row.job.planID), which is gone.")
        }
        let now = world.executor.now
        let slack = ages.interval + Self.longestPause
        for row in live.plans where hasEnded(row.plan, longAgo: ages.plans + slack, at: now) {
            violate("Plan \(row.plan.id) has ended \(since(row.plan.completedAt)), and is there at \(now).")
        }
        for row in live.jobs where row.isDeadLetter {
            guard let diedAt = row.diedAt, diedAt.adding(milliseconds: ages.letters + slack) < now else { continue }
            violate("The letter of job \(row.job.id) is from \(diedAt), and is there at \(now).")
        }
        for run in live.runs {
            guard let end = run.endedAt, end.adding(milliseconds: ages.plans + slack) < now else { continue }
            violate("Run \(run.id) has ended \(end), and is there at \(now).")
        }
    }
}
