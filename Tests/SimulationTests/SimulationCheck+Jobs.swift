import Distribution
import DistributionTesting

extension SimulationCheck {
    func check(_ row: InMemoryTables.JobRow) {
        let job = row.job
        if !job.status.isFinal, !mayWait(job) { violate("Job \(job.id) is \(job.status) for good.") }
        if row.openAttempt != nil { violate("Job \(job.id) has an open attempt, and nobody is there.") }
        checkAttempts(of: row)
        let isAccepted = row.attempts.last?.attempt.certainty == .accepted
        switch job.status {
        case .succeeded where !isAccepted || row.receipt == nil:
            violate("Job \(job.id) succeeded without proof: \(describe(row)).")
        case .failed:
            if row.isPurged { break }
            let isShown = record.deadLetters.contains { $0.claim.jobID == job.id && $0.claim.epoch == job.epoch }
            if !isShown || row.owesDeadLetter { violate("Job \(job.id) failed and has no dead letter.") }
        case .queued, .running, .retrying, .blocked, .cancelled:
            if isAccepted { violate("Job \(job.id) was accepted and is \(job.status).") }
        default: break
        }
    }

    /// A run looks at each letter once, and what it purges is no letter any more.
    func checkRuns() {
        for run in tables.runs where run.handled + run.skipped > max(run.total, tables.jobs.count) {
            violate("Run \(run.id) looked at \(run.handled + run.skipped) letters of \(run.total).")
        }
        let replayed = tables.runs.filter { $0.kind == .replay }.reduce(0) { $0 + $1.handled }
        let told = Set(record.events.filter { $0.routingKey.hasSuffix(".job.replayed") }.map(\.id)).count
        if replayed > told, world.disk.losses == 0 {
            violate("\(replayed) letters were replayed, and \(told) of them were told of.")
        }
        let purged = tables.runs.filter { $0.kind == .purge }.reduce(0) { $0 + $1.handled }
        let gone = tables.jobs.count { $0.isPurged }
        let expired = takes.reduce(0) { $0 + $1.letters.count }
        if purged + expired != gone {
            violate("\(purged) letters were purged and \(expired) too old, and \(gone) are gone.")
        }
        for row in tables.jobs where row.isPurged && (row.payload != nil || row.job.status != .failed) {
            violate("Job \(row.job.id) was purged and is \(row.job.status).")
        }
    }

    private func checkAttempts(of row: InMemoryTables.JobRow) {
        var last: Attempt?
        for attempt in row.attempts.map(\.attempt) {
            guard let end = attempt.finishedAt, attempt.certainty != nil else {
                violate("Job \(row.job.id) has an attempt without an end.")
                continue
            }
            if attempt.number != (last?.number ?? 0) + 1 { violate("The attempts of job \(row.job.id) have a gap.") }
            if let before = last?.finishedAt, attempt.startedAt < before {
                violate("Job \(row.job.id) was attempted twice at once: \(describe(row)).")
            }
            if last?.certainty == .accepted {
                violate("Job \(row.job.id) was attempted after it had been accepted: \(describe(row)).")
            }
            if end < attempt.startedAt { violate("An attempt of job \(row.job.id) ended before it began.") }
            last = attempt
        }
    }

    /// What receivers have seen has to be what the ledger says of it.
    func checkRequests() {
        let byDelivery = Dictionary(uniqueKeysWithValues: tables.jobs.map { ($0.job.deliveryID, $0) })
        var heldOff: [DeliveryID: Timestamp] = [:]
        var seen: [DeliveryID: Set<Timestamp>] = [:]
        for request in requests {
            guard let row = byDelivery[request.deliveryID] else {
                violate("A request was made for \(request.deliveryID), which is no job.")
                continue
            }
            let isFirst = seen[request.deliveryID, default: []].insert(request.startedAt).inserted
            check(request, of: row, isFirst: isFirst)
            if let end = heldOff[request.deliveryID], request.startedAt < end, !world.withState({ $0.hasHastened }) {
                violate("Job \(row.job.id) was attempted before its target wanted: \(describe(row)).")
            }
            let attempt = row.attempts.first { $0.attempt.startedAt == request.startedAt }?.attempt
            // Where the process ended before it had recorded the answer, nobody knows what the target wanted.
            heldOff[request.deliveryID] = attempt?.certainty == .rejected ? request.heldOffUntil : nil
        }
        for row in tables.jobs {
            for attempt in row.attempts.map(\.attempt) where attempt.certainty == .accepted {
                let isProved = requests.contains {
                    $0.deliveryID == row.job.deliveryID && $0.startedAt == attempt.startedAt && $0.isAccepted
                }
                if !isProved { violate("Job \(row.job.id) is said to be accepted, and its receiver knows nothing.") }
            }
        }
    }

    /// A target that has asked to be left alone is, as soon as that is in the ledger.
    func checkPauses() {
        guard !world.withState({ $0.hasGoverned }) else { return }
        let rows = Dictionary(uniqueKeysWithValues: tables.jobs.map { ($0.job.deliveryID, $0) })
        for asking in requests {
            let attempt = rows[asking.deliveryID]?.attempts.first { $0.attempt.startedAt == asking.startedAt }?.attempt
            guard let end = asking.heldOffUntil, let attempt, let known = attempt.finishedAt,
                attempt.certainty == .rejected
            else { continue }
            let early = requests.first {
                $0.targetID == asking.targetID && $0.startedAt > known && $0.startedAt < end
            }
            guard let early else { continue }
            violate(
                "Target \(asking.targetID) wanted to be left alone from \(known.milliseconds) to \(end.milliseconds), "
                    + "and was asked at \(early.startedAt.milliseconds).")
        }
    }

    private func check(_ request: SimulatedReceiver.Request, of row: InMemoryTables.JobRow, isFirst: Bool) {
        let job = row.job
        if let due = tables.plan(job.planID)?.plan.scheduledAt, request.startedAt < due {
            violate("Job \(job.id) was attempted before its plan was due.")
        }
        if let expiry = job.policyExpiresAt, request.startedAt >= expiry {
            violate("Job \(job.id) was attempted after its policy had expired.")
        }
        let attempt = row.attempts.first { $0.attempt.startedAt == request.startedAt }?.attempt
        guard let attempt, isFirst else {
            // A power cut may take the row of an attempt, and nothing else may.
            if world.disk.losses == 0 { violate("A request of job \(job.id) is not in the ledger: \(describe(row)).") }
            return
        }
        if request.isAccepted, attempt.certainty != .accepted, attempt.certainty != .ambiguous {
            violate("Job \(job.id) was accepted, and its attempt says otherwise: \(describe(row)).")
        }
    }

    private func describe(_ row: InMemoryTables.JobRow) -> String {
        let attempts = row.attempts.map { row in
            let attempt = row.attempt
            return "\(attempt.number) \(attempt.startedAt.milliseconds)–\(attempt.finishedAt?.milliseconds ?? 0) "
                + "\(attempt.certainty.map { "\($0)" } ?? "open")"
        }
        return "\(row.job.status) epoch \(row.job.epoch) [\(attempts.joined(separator: ", "))]"
    }
}
