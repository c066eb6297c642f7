import Distribution
import DistributionTesting

/// What has to hold once a world has come to rest, whatever befell it: the conservation.
struct SimulationCheck {
    let world: SimulationWorld
    /// With what retention has taken, where that is wanted.
    let tables: InMemoryTables
    let takes: [RetentionTake]
    let record: SimulatedNode.Record
    let requests: [SimulatedReceiver.Request]

    init(world: SimulationWorld, restoresRemoved: Bool = true) {
        self.world = world
        takes = restoresRemoved ? world.disk.takes : []
        tables = world.disk.tables.restoring(takes)
        record = world.node.record
        requests = world.receiver.requests
    }

    func run() {
        checkPlans()
        checkPromises()
        for row in tables.jobs { check(row) }
        checkRuns()
        checkRetention()
        checkRequests()
        checkPauses()
        checkSchedule()
        checkQueues()
        checkEvents()
        checkPauseEvents()
    }

    func violate(_ sentence: @autoclosure () -> String) {
        world.violate(sentence())
    }

    // MARK: Rest

    /// Whether nothing is left to do: every job at its end or waiting for somebody who enables its target.
    var isQuiet: Bool {
        guard world.withState({ $0.plannedActions == 0 && $0.openCalls == 0 && $0.epoch != nil }) else { return false }
        guard tables.events.isEmpty, !tables.jobs.contains(where: { $0.owesDeadLetter }) else { return false }
        guard !tables.runs.contains(where: { $0.status == .running }) else { return false }
        guard tables.jobs.allSatisfy({ $0.job.status.isFinal || mayWait($0.job) }) else { return false }
        // Its time will come, even if its target takes nothing then.
        guard tables.scheduledJobs.isEmpty else { return false }
        return strayContents.isEmpty && abandonedQueues.isEmpty
    }

    /// Whether a job that has not ended is right to wait.
    func mayWait(_ job: Job) -> Bool {
        guard job.status != .running, let target = tables.target(job.targetID) else { return false }
        return !target.isDeleted && isHeld(target.target)
    }

    /// Whether a target takes no work until somebody says otherwise.
    private func isHeld(_ target: Target) -> Bool {
        !target.isActive || target.pause.map { $0.until == nil } == true
    }

    /// Messages that nobody will take.
    private var strayContents: [String] {
        let waiting = Set(tables.liveTargets.filter(isHeld).map { SimulatedNode.queueName(of: $0) })
        return world.node.contents.filter { !waiting.contains($0.queue) }.map { "\($0.queue): \($0.count)" }
    }

    /// Queues of targets that are deleted.
    private var abandonedQueues: [String] {
        let live = Set(tables.liveTargets.map { SimulatedNode.queueName(of: $0) })
        return world.node.targetQueues.filter { !live.contains($0) }
    }

    // MARK: Plans

    private func checkPlans() {
        let removed = Set(takes.flatMap(\.plans).map(\.plan.id))
        var byKey: [String: [InMemoryTables.PlanRow]] = [:]
        for row in tables.plans {
            // The key of a plan that was removed is free.
            if let last = byKey[row.plan.idempotencyKey]?.last, !removed.contains(last.plan.id) {
                violate("Plan \(row.plan.id) has the key of another, \(row.plan.idempotencyKey).")
            }
            byKey[row.plan.idempotencyKey, default: []].append(row)
            checkCounts(row)
        }
        for sent in world.withState({ $0.sent }) {
            if let row = byKey[sent.key]?.first(where: { $0.plan.contentVersion == sent.version }) {
                check(row, accepted: sent)
            } else if !record.refusedPlans.contains(sent.body), !world.isAnswered(sent) {
                violate("The plan \(sent.key) version \(sent.version) was neither accepted nor refused.")
            }
        }
    }

    private func check(_ row: InMemoryTables.PlanRow, accepted sent: SentPlan) {
        let targets = tables.jobs.filter { $0.job.planID == row.plan.id }.map(\.job.targetID.rawValue)
        if Set(targets).count != targets.count { violate("Plan \(row.plan.id) has two jobs for one target.") }
        if let named = sent.targets, targets.sorted() != named.sorted() {
            violate("Plan \(row.plan.id) has jobs for \(targets) instead of \(named).")
        }
    }

    private func checkCounts(_ row: InMemoryTables.PlanRow) {
        var counts = JobCounts()
        for job in tables.jobs where job.job.planID == row.plan.id { counts[job.job.status] += 1 }
        if counts != row.plan.counts { violate("Plan \(row.plan.id) counts \(row.plan.counts), but has \(counts).") }
        let status = row.plan.status == .cancelled ? .cancelled : counts.planStatus(hasBegun: row.hasBegun)
        if row.plan.status == .cancelled, counts.open > 0 {
            violate("Plan \(row.plan.id) is cancelled, and \(counts.open) of its jobs are not.")
        }
        if tables.retries[row.plan.id] != nil { violate("Plan \(row.plan.id) was tried again in part.") }
        if status != row.plan.status {
            violate("Plan \(row.plan.id) is \(row.plan.status), but its jobs say \(status).")
        }
    }

    private func checkPromises() {
        for promise in world.withState({ $0.promises }) {
            switch promise {
            case .planAccepted(let key):
                if !tables.plans.contains(where: { $0.plan.idempotencyKey == key }) {
                    violate("The plan \(key) was answered as accepted and is not there.")
                }
            case .planCancelled(let id):
                if tables.plan(id)?.plan.status != .cancelled {
                    violate(
                        "Plan \(id) was answered as cancelled and is \(String(describing: tables.plan(id)?.plan.status))."
                    )
                }
            case .runAccepted(let id, let key):
                let run = tables.runs.first { $0.id == id }
                if run?.idempotencyKey != key || run?.status == .running {
                    violate("Run \(id) was answered as accepted and is \(String(describing: run?.status)).")
                }
            case .targetDeleted(let id):
                if tables.target(id)?.isDeleted != true {
                    violate("Target \(id) was answered as deleted and is there.")
                }
            }
        }
    }

    // MARK: Queues

    private func checkQueues() {
        if !strayContents.isEmpty { violate("Messages are left that nobody takes: \(strayContents).") }
        if world.node.hasInHand { violate("Messages are in hand, but nobody is there.") }
        if !abandonedQueues.isEmpty { violate("Queues of deleted targets are left: \(abandonedQueues).") }
        if record.quarantined > 0 { violate("\(record.quarantined) messages were put into quarantine.") }
        // A consumer that takes two seconds to be cancelled may be handed what it gives back until then.
        if record.mostHandedOut > 300 {
            violate("A message went to and fro \(record.mostHandedOut) times.")
        }
        let owed = tables.owedJobs + tables.scheduledJobs
        if !owed.isEmpty { violate("Jobs are owed: \(owed.map(\.claim.jobID)).") }
    }
}
