import AMQP
import Distribution
import LocalReceiver

/// What must be true after any crash, once everything is quiet: ledger, receiver, events and dead letters held against
/// each other by id.
struct ConservationCheck {
    /// What was found, and the sizes that make it telling.
    struct Findings: Sendable {
        /// A sentence for each thing that must not be.
        var problems: [String] = []
        var plans = 0
        var deliveries = 0
        /// Requests beyond the first that a success or an answer of the record explains.
        var repeated = 0
        /// Attempts that the record calls ambiguous.
        var ambiguous = 0

        mutating func expect(_ isSo: Bool, _ sentence: @autoclosure () -> String) {
            if !isSo { problems.append(sentence()) }
        }
    }

    /// Every plan that the broker has taken, by its key, with the number of its targets.
    let accepted: [String: Int]
    let events: [EventLog.Event]
    let requests: [ReceivedRequest]
    /// Plans up to this one were looked at before.
    var after: Int64 = 0
    /// Whether the service still runs, so that the last confirms may not have been noted yet.
    var isLive = false

    /// - Parameter letters: Reads the dead letter of a job, and waits for it.
    func run(
        on ledger: LedgerFile, letters: (_ job: Int64, _ epoch: Int64) async throws -> Delivery
    ) async throws -> Findings {
        let record = try LedgerRecord(ledger, after: after)
        var findings = Findings()
        checkPlans(record, &findings)
        checkJobs(record, &findings)
        checkDeliveries(record, &findings)
        checkEvents(record, &findings)
        checkPunctuality(record, &findings)
        for job in record.jobs where job.status == "failed" {
            findings.expect(
                isLive || job.deadLetter == "published" || job.deadLetter == "purged",
                "job \(job.id) failed, its dead letter is still owed")
            let letter = try await letters(job.id, job.epoch)
            findings.expect(
                letter.properties.messageID == job.deliveryID, "the dead letter of job \(job.id) has another id")
        }
        return findings
    }

    /// Every plan is there, with one job a target, and its counts tell the states of its jobs.
    private func checkPlans(_ record: LedgerRecord, _ findings: inout Findings) {
        findings.plans = record.plans.count
        let byKey = Dictionary(grouping: record.plans, by: \.key)
        for (key, targets) in accepted.sorted(by: { $0.key < $1.key }) {
            findings.expect(byKey[key]?.count == 1, "plan \(key) is there \(byKey[key]?.count ?? 0) times")
            guard let plan = byKey[key]?.first else { continue }
            let jobs = record.jobs.filter { $0.planID == plan.id }
            let distinct = Set(jobs.map(\.targetID)).count
            findings.expect(
                jobs.count == targets && distinct == targets,
                "plan \(key) has \(jobs.count) jobs for \(distinct) targets instead of \(targets)")
            let counted = Dictionary(jobs.map { ($0.status, 1) }, uniquingKeysWith: +)
            findings.expect(plan.counts == counted, "plan \(key) counts \(plan.counts), and there are \(counted)")
            findings.expect(plan.isFinal, "plan \(key) is \(plan.status)")
        }
        for plan in record.plans {
            findings.expect(accepted[plan.key] != nil, "nobody has sent plan \(plan.key)")
        }
    }

    /// Every job has come to one end, and every success has its receipt.
    private func checkJobs(_ record: LedgerRecord, _ findings: inout Findings) {
        let finals: Set = ["succeeded", "failed", "blocked", "cancelled"]
        for job in record.jobs {
            findings.expect(
                finals.contains(job.status) && job.hasEnded && !job.isOpen,
                "job \(job.id) is \(job.status)\(job.isOpen ? " with an open attempt" : "")")
            let receipts = record.receipts[job.id] ?? []
            findings.expect(
                receipts == (job.receiptID.map { [$0] } ?? []) && receipts.isEmpty == (job.status != "succeeded"),
                "job \(job.id) is \(job.status) and has the receipts \(receipts)")
            let attempts = record.attempts[job.id] ?? []
            findings.expect(
                attempts.map(\.number) == Array((1...job.attempt + 1).dropLast()),
                "job \(job.id) has made \(job.attempt) attempts, recorded are \(attempts.map(\.number))")
            for attempt in attempts {
                findings.expect(
                    attempt.certainty != nil && attempt.isFinished,
                    "attempt \(attempt.number) of job \(job.id) was left open")
            }
        }
    }

    /// The receiver has got what the record says: each answer once, and beyond it only what the record calls ambiguous.
    private func checkDeliveries(_ record: LedgerRecord, _ findings: inout Findings) {
        findings.deliveries = requests.count
        let received = Dictionary(requests.map { ($0.deliveryID ?? "", 1) }, uniquingKeysWith: +)
        let known = Set(record.jobs.map(\.deliveryID))
        for id in received.keys.sorted() where !known.contains(id) {
            findings.problems.append("delivery \(id) is no job's")
        }
        for job in record.jobs {
            let attempts = record.attempts[job.id] ?? []
            let answered = attempts.count { $0.certainty == "accepted" || $0.certainty == "rejected" }
            let ambiguous = attempts.count { $0.certainty == "ambiguous" }
            let count = received[job.deliveryID] ?? 0
            findings.ambiguous += ambiguous
            findings.repeated += max(0, count - answered)
            findings.expect(
                (answered...answered + ambiguous).contains(count),
                "job \(job.id) was received \(count) times; \(answered) answers and \(ambiguous) ambiguous attempts")
            findings.expect(
                attempts.count { $0.certainty == "accepted" } == (job.status == "succeeded" ? 1 : 0),
                "job \(job.id) is \(job.status), and its attempts say otherwise")
        }
    }

    /// No attempt began before the time of its plan, nor before the time that was told of for it.
    private func checkPunctuality(_ record: LedgerRecord, _ findings: inout Findings) {
        let retries = Dictionary(grouping: events.filter { $0.type == "distribution.job.retrying" }) {
            $0.job["id"]?.integerValue ?? 0
        }
        for plan in record.plans {
            for job in record.jobs where job.planID == plan.id {
                for attempt in record.attempts[job.id] ?? [] {
                    let told = (retries[job.id] ?? []).filter {
                        $0.job["attempt"]?.integerValue == Int64(attempt.number - 1)
                    }
                    // Where it was hastened, the earliest counts.
                    let due = told.compactMap { $0.job["nextAttemptAt"]?.stringValue }
                        .compactMap { Timestamp(iso8601: $0) }.min()
                    for time in [plan.scheduledAt, due] {
                        guard let time, let startedAt = attempt.startedAt else { continue }
                        findings.expect(
                            startedAt >= time,
                            "attempt \(attempt.number) of job \(job.id) began at \(startedAt), before \(time)")
                    }
                }
            }
        }
    }

    /// Every event of a plan came, in a sequence without a gap, each under one id, and they tell how it ended.
    private func checkEvents(_ record: LedgerRecord, _ findings: inout Findings) {
        let ofPlans = Dictionary(grouping: events) { $0.plan["id"]?.integerValue ?? 0 }
        for plan in record.plans {
            let told = ofPlans[plan.id] ?? []
            var ids: [Int: Set<String>] = [:]
            for event in told {
                let sequence = event.envelope["sequence"]?.stringValue.flatMap { Int($0) } ?? 0
                ids[sequence, default: []].insert(event.messageID ?? "")
            }
            findings.expect(
                Set(ids.keys) == Set(1...max(1, plan.sequence)),
                "plan \(plan.key) owes events 1 to \(plan.sequence); seen are \(ids.keys.sorted())")
            findings.expect(ids.values.allSatisfy { $0.count == 1 }, "an event of plan \(plan.key) has two ids")
            for job in record.jobs where job.planID == plan.id && job.status != "blocked" {
                let type = "distribution.job.\(job.status)"
                let isTold = told.contains { $0.type == type && $0.job["id"]?.integerValue == job.id }
                findings.expect(isTold, "no event tells that job \(job.id) is \(job.status)")
            }
            let end = plan.status == "cancelled" ? "cancelled" : "completed"
            let isTold = told.contains {
                $0.type == "distribution.plan.\(end)" && $0.plan["status"]?.stringValue == plan.status
            }
            findings.expect(isTold, "no event tells that plan \(plan.key) is \(plan.status)")
        }
    }
}
