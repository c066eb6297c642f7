import AMQP
import Distribution
import LocalReceiver
import Testing

@testable import clawcast

/// A thousand deliveries, and what must be true of them whatever happened meanwhile.
enum Crowd {
    static let plans = 100
    static let targets = 10
    static var deliveries: Int { plans * targets }

    /// Targets whose receiver takes its time, so that there is a middle in which something can happen.
    static func createTargets(on system: TestSystem, receiver: Receiver) async throws -> [TargetID] {
        var ids: [TargetID] = []
        for number in 0..<targets {
            let target = try await system.createTarget(
                url: receiver.url("/delay/80/\(number)"),
                settings: ["retry": RetryTests.schedule("[0.2,0.4,0.8,1.6,3.2,6.4]")])
            ids.append(target.id)
        }
        return ids
    }

    static func publish(to targets: [TargetID], over client: Connection) async {
        let messages = (0..<plans).map { number in
            OutgoingMessage(
                exchange: "distribution.plans", routingKey: "plan.requested",
                body: JSON.object(Plans.owner(key: "crowd-\(number)", targets: targets)).serialized())
        }
        let results = await client.makePublisher().publish(messages)
        #expect(results.allSatisfy { $0 == .confirmed })
    }

    /// Waits until every plan has ended, and checks that every event is there, in sequence and without a gap.
    static func checkEvents(_ log: EventLog) async throws {
        try await log.wait(until: { events in
            Set(events.filter { $0.type == "distribution.plan.completed" }.map(\.plan)).count >= plans
        })
        let ofPlans = Dictionary(grouping: log.events.filter { $0.plan["id"]?.integerValue != nil }) {
            $0.plan["id"]?.integerValue ?? 0
        }
        #expect(ofPlans.count == plans)
        for (plan, events) in ofPlans {
            let sequences = Set(events.compactMap { $0.envelope["sequence"]?.stringValue.flatMap { Int($0) } })
            #expect(sequences == Set(1...max(1, sequences.count)), "plan \(plan)")
            let byID = Dictionary(grouping: events) { $0.messageID }
            #expect(byID.count == sequences.count, "plan \(plan)")
            let completed = events.filter { $0.type == "distribution.plan.completed" }
            #expect(completed.allSatisfy { $0.plan["status"]?.stringValue == "succeeded" }, "plan \(plan)")
            let succeeded = events.filter { $0.type == "distribution.job.succeeded" }
            #expect(Set(succeeded.map { $0.job["id"]?.integerValue }).count == targets, "plan \(plan)")
        }
    }

    /// Checks what must hold at every moment: a job for each target of each plan, and counts that tell their states.
    static func checkConservation(_ ledger: LedgerFile) throws {
        let incomplete = try ledger.number(
            """
            SELECT count(*) FROM distribution_plans plan
            WHERE (SELECT count(DISTINCT targetId) FROM distribution_jobs WHERE planId = plan.id) <> \(targets)
               OR (SELECT count(*) FROM distribution_jobs WHERE planId = plan.id) <> \(targets)
            """)
        #expect(incomplete == 0)
        for status in ["queued", "running", "retrying", "succeeded", "failed", "blocked", "cancelled"] {
            let counted = try ledger.number("SELECT sum(\(status)Count) FROM distribution_plans")
            let present = try ledger.number("SELECT count(*) FROM distribution_jobs WHERE status = '\(status)'")
            #expect(counted == present, "\(status)")
        }
        #expect(try ledger.number("SELECT count(*) FROM distribution_jobs WHERE status = 'succeeded'") != 0)
    }

    /// Checks the ledger against what the receiver got: nothing lost, and nothing twice that is not told of.
    ///
    /// - Returns: How many requests the receiver got twice.
    @discardableResult
    static func checkDeliveries(_ ledger: LedgerFile, _ receiver: Receiver) throws -> Int {
        let jobs = try ledger.counts("SELECT deliveryId, status = 'succeeded' FROM distribution_jobs")
        #expect(jobs.count == deliveries)
        #expect(jobs.values.allSatisfy { $0 == 1 })
        #expect(try ledger.number("SELECT count(*) FROM distribution_receipts") == deliveries)
        #expect(try ledger.number("SELECT count(*) FROM distribution_attempts WHERE finishedAt IS NULL") == 0)
        let received = Dictionary(receiver.requests().map { ($0.deliveryID ?? "", 1) }, uniquingKeysWith: +)
        #expect(Set(received.keys) == Set(jobs.keys))
        let ambiguous = try ledger.counts(
            """
            SELECT job.deliveryId, count(*) FROM distribution_attempts attempt
            JOIN distribution_jobs job ON job.id = attempt.jobId
            WHERE attempt.certainty = 'ambiguous' GROUP BY job.deliveryId
            """)
        for (delivery, count) in received where count > 1 {
            #expect(count - 1 <= ambiguous[delivery, default: 0], "\(delivery)")
        }
        return received.values.reduce(0) { $0 + $1 - 1 }
    }
}
