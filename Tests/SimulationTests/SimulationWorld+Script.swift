import Distribution
import DistributionTesting

@testable import Orchestrator

extension SimulationWorld {
    /// Lays out what happens when, all of it drawn from the seed.
    ///
    /// - Returns: Milliseconds until nothing goes wrong any more.
    func writeScript() -> Int64 {
        let window = chance.within(2_000...30_000)
        for _ in 0..<chance.within(1...3) { createTarget(at: 0) }
        let plans = chance.within(3...8)
        for number in 1...plans { schedulePlan(number, within: window) }
        for _ in 0..<chance.below(6) { schedule(within: window) { $0.callOfChance() } }
        if !isCalm {
            for _ in 0..<chance.below(5) { schedule(within: window) { $0.faultOfChance() } }
            for _ in 0..<chance.below(3) { schedule(within: window) { $0.crash() } }
        }
        if chance.happens(perMille: 300) { schedule(within: window) { $0.stop() } }
        schedule(after: Int64(window)) { self.clearUp() }
        return Int64(window)
    }

    private func schedule(within window: Int, _ action: @escaping @Sendable (SimulationWorld) -> Void) {
        schedule(after: Int64(chance.below(window))) { action(self) }
    }

    /// The world does not come to rest before it has happened.
    private func schedule(after milliseconds: Int64, _ action: @escaping @Sendable () -> Void) {
        withState { $0.plannedActions += 1 }
        executor.schedule(after: milliseconds) {
            self.withState { $0.plannedActions -= 1 }
            action()
        }
    }

    private func createTarget(at moment: Int64) {
        let schedules: [[Int64]] = [[200, 1_000, 5_000], [500, 500], [], [1_000, 2_000, 4_000, 8_000]]
        let delays = chance.element(of: schedules) ?? []
        let retry = chance.happens(perMille: 100) ? longRetry : RetryPolicy(schedule: .explicit(delays))
        let maxInFlight = chance.element(of: [1, 2, 16]) ?? 1
        schedule(after: moment) { self.call(.createTarget(retry, maxInFlight: maxInFlight)) }
    }

    /// Three days are too long to look every few seconds for what is too old.
    private var longRetry: RetryPolicy {
        ages == nil ? .standard : RetryPolicy(schedule: .explicit([5_000, 60_000, 300_000]))
    }

    // MARK: Plans

    private func schedulePlan(_ number: Int, within window: Int) {
        schedule(within: window) { $0.sendPlan(number) }
    }

    private func sendPlan(_ number: Int) {
        let plan = planOfChance(number)
        if let due = plan.scheduledAt { troubleOfChance(around: due, plan.key) }
        if chance.happens(perMille: 250), !plan.isMalformed {
            withState { $0.sent.append(plan) }
            call(.submit(plan))
        } else {
            send(plan)
        }
        if chance.happens(perMille: 250) { schedule(within: 5_000) { $0.send(plan) } }
        if chance.happens(perMille: 80) {
            let other = SentPlan(key: plan.key, version: 2, targets: plan.targets)
            schedule(within: 5_000) { $0.send(other) }
        }
        if chance.happens(perMille: 100) {
            schedule(within: 5_000) { $0.node.send(SentPlan.cancellation(of: plan.key)) }
        }
    }

    private func planOfChance(_ number: Int) -> SentPlan {
        let known = disk.tables.liveTargets.map(\.id.rawValue)
        var targets: [Int64]? = known.filter { _ in chance.happens(perMille: 700) }
        if targets?.isEmpty == true || chance.happens(perMille: 400) { targets = nil }
        if chance.happens(perMille: 40) { targets = [99] }
        var plan = SentPlan(key: "key-\(number)", version: 1, targets: targets)
        if chance.happens(perMille: schedulesOften ? 600 : 150) {
            plan.scheduledAt = executor.now.adding(milliseconds: delayOfChance())
        }
        if chance.happens(perMille: 100) {
            plan.expiresAt = executor.now.adding(milliseconds: Int64(chance.within(1...8_000)))
        }
        plan.isMalformed = chance.happens(perMille: 40)
        return plan
    }

    /// Days, a moment, or until a time that it shares with other plans.
    private func delayOfChance() -> Int64 {
        if chance.happens(perMille: 30) { return ages == nil ? 1_036_800_000 : 500_000 }
        switch chance.below(4) {
        case 0: return Int64(chance.within(1...60))
        case 1: return 10_000 - executor.elapsed % 10_000
        default: return Int64(chance.within(100...60_000))
        }
    }

    /// Somebody calls a plan off that waits for its time, or something goes wrong just then.
    private func troubleOfChance(around due: Timestamp, _ key: String) {
        let wait = due.milliseconds(since: executor.now)
        guard wait < 100_000 else { return }
        if chance.happens(perMille: 150) {
            schedule(within: Int(wait)) { world in
                let plan = world.disk.tables.plans.first { $0.plan.idempotencyKey == key }?.plan.id
                if let plan { world.call(.cancelPlan(plan)) }
            }
        }
        if chance.happens(perMille: 100) {
            schedule(within: Int(wait)) { world in
                let tables = world.disk.tables
                let job = tables.jobs.first { tables.plan($0.job.planID)?.plan.idempotencyKey == key }?.job.id
                if let job { world.call(world.chance.happens(perMille: 500) ? .cancelJob(job) : .retryJob(job)) }
            }
        }
        guard !isCalm else { return }
        let around = max(1, wait + Int64(chance.within(-30...30)))
        switch chance.below(10) {
        case 0: schedule(after: around) { self.crash() }
        case 1: schedule(after: around) { self.stop() }
        case 2: schedule(after: around) { self.node.disconnect([.publishing], forMilliseconds: 700) }
        case 3: schedule(after: around) { self.node.block(forMilliseconds: 700) }
        default: break
        }
    }

    // MARK: Calls

    private func callOfChance() {
        let tables = disk.tables
        let target = chance.element(of: tables.liveTargets.map(\.id))
        let plan = chance.element(of: tables.plans.map(\.plan.id))
        let job = chance.element(of: tables.jobs.map(\.job.id))
        switch (chance.below(15), target, plan, job) {
        case (0, _, let plan?, _): call(.cancelPlan(plan))
        case (1, _, let plan?, _), (2, _, let plan?, _): call(.retryPlan(plan))
        case (3, _, _, let job?): call(.cancelJob(job))
        case (4, _, _, let job?): call(.retryJob(job))
        case (5, _, _, _), (12, _, _, _): call(.startRun(runOfChance(.replay)))
        case (13, _, _, _): call(.startRun(runOfChance(.purge)))
        case (14, _, _, _):
            if let run = chance.element(of: tables.runs.map(\.id)) { call(.cancelRun(run)) }
        case (6, let target?, _, _): call(.enableTarget(target))
        case (7, let target?, _, _): call(.renameTarget(target))
        case (8, let target?, _, _) where chance.happens(perMille: 400): call(.deleteTarget(target))
        case (9, let target?, _, _):
            let end = executor.now.adding(milliseconds: Int64(chance.within(100...20_000)))
            call(.pauseTarget(target, TargetPause(until: chance.happens(perMille: 300) ? nil : end, reason: "why")))
        case (10, let target?, _, _): call(.resumeTarget(target))
        case (11, _, _, _):
            if let letter = chance.element(of: node.record.deadLetters) {
                withState { $0.hasHastened = true }
                node.moveBack(letter)
            }
        default: createTarget(at: 0)
        }
    }

    private func runOfChance(_ kind: DeadLetterRun.Kind) -> NewDeadLetterRun {
        let target = chance.happens(perMille: 300) ? chance.element(of: disk.tables.liveTargets.map(\.id)) : nil
        return NewDeadLetterRun(
            domainID: DomainID(1), kind: kind, selection: DeadLetterSelection(targetID: target),
            idempotencyKey: "run-\(executor.now.milliseconds)-\(chance.below(1_000))",
            ratePerSecond: chance.element(of: [1, 5, 100]) ?? 1)
    }

    // MARK: Faults

    private func faultOfChance() {
        let target = chance.element(of: disk.tables.liveTargets)
        switch chance.below(11) {
        case 0, 1: node.disconnect([.publishing, .consuming], forMilliseconds: Int64(chance.within(10...5_000)))
        case 2: node.disconnect([.consuming], forMilliseconds: Int64(chance.within(10...3_000)))
        case 3: node.disconnect([.publishing], forMilliseconds: Int64(chance.within(10...3_000)))
        case 4: node.block(forMilliseconds: Int64(chance.within(10...5_000)))
        case 5: node.closeChannel()
        case 6:
            disk.outage = chance.happens(perMille: 500) ? .all : .writes
            schedule(after: Int64(chance.within(50...5_000))) { self.disk.outage = nil }
        case 7: if let target { receiver.fail(target.id, forMilliseconds: Int64(chance.within(500...20_000))) }
        // Also one that the client notices needs reconciliation where the process ends before it has seen to it.
        case 8 where options.losesQueues:
            if let target { node.lose(target, isNoticed: chance.happens(perMille: 500)) }
        case 9: if let target { node.refuse(target) }
        default: crash()
        }
    }

    // MARK: The end

    /// From now on everything works, and somebody looks after targets that are held back.
    private func clearUp() {
        note("the weather clears up")
        weather.clearUp()
        disk.outage = nil
        guard chance.happens(perMille: 600) else { return }
        schedule(after: 1_000) {
            for target in self.disk.tables.liveTargets {
                if !target.isActive { self.call(.enableTarget(target.id)) }
                if target.pause != nil { self.call(.resumeTarget(target.id)) }
            }
        }
    }
}
