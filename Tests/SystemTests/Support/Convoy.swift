import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

/// Plans that are sent through a service in several batches around a fault, and counted by the ids of their deliveries.
struct Convoy: Sendable {
    let name: String
    let targets: [TargetID]

    /// Targets whose receiver takes its time, so that there is a middle in which something can happen.
    static func prepare(
        _ name: String, on system: TestSystem, targets count: Int = 4, delay milliseconds: Int = 40,
        maxInFlight: Int64 = 4
    ) async throws -> Convoy {
        var ids: [TargetID] = []
        for number in 0..<count {
            let target = try await system.createTarget(
                url: system.receiver.url("/delay/\(milliseconds)/\(name)/\(number)"),
                settings: [
                    "retry": RetryTests.schedule("[0.2,0.4,0.8,1.6,3.2,6.4]"), "maxInFlight": .integer(maxInFlight),
                ])
            ids.append(target.id)
        }
        return Convoy(name: name, targets: ids)
    }

    /// Publishes plans until the broker has confirmed each of them.
    func send(_ numbers: Range<Int>, over client: Connection) async {
        let publisher = client.makePublisher()
        var missing = Array(numbers)
        while !missing.isEmpty {
            _ = await client.waitUntilConnected()
            let results = await publisher.publish(missing.map(message))
            missing = zip(missing, results).filter { $1 != .confirmed }.map(\.0)
        }
    }

    /// Waits until all of so many plans have been delivered to every target, and checks that nothing is missing, that
    /// nothing came twice but what the ledger calls ambiguous, and that no job of this convoy is anywhere else.
    func arrive(_ count: Int, at system: TestSystem) async throws {
        let keys = Set((0..<count).map(key))
        try await system.events.wait(until: { events in
            let completed = events.filter { $0.type == "distribution.plan.completed" }
            return keys.isSubset(of: completed.compactMap { $0.plan["idempotencyKey"]?.stringValue })
        })
        let ids = targets.map { "\($0)" }.joined(separator: ",")
        let ledger = try LedgerFile(system)
        let jobs = try ledger.counts(
            "SELECT deliveryId, status = 'succeeded' FROM distribution_jobs WHERE targetId IN (\(ids))")
        #expect(jobs.count == count * targets.count)
        #expect(jobs.values.allSatisfy { $0 == 1 })
        let ambiguous = try ledger.counts(
            """
            SELECT job.deliveryId, count(*) FROM distribution_attempts attempt
            JOIN distribution_jobs job ON job.id = attempt.jobId
            WHERE attempt.certainty = 'ambiguous' GROUP BY job.deliveryId
            """)
        let requests = system.receiver.requests().filter { $0.path.contains("/\(name)/") }
        let received = Dictionary(requests.map { ($0.deliveryID ?? "", 1) }, uniquingKeysWith: +)
        #expect(Set(received.keys) == Set(jobs.keys))
        for (delivery, times) in received { #expect(times - 1 <= ambiguous[delivery, default: 0], "\(delivery)") }
    }

    private func key(_ number: Int) -> String { "\(name)-\(number)" }

    private func message(_ number: Int) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "distribution.plans", routingKey: "plan.requested",
            body: JSON.object(Plans.owner(key: key(number), targets: targets)).serialized())
    }
}

extension TestSystem {
    /// Waits until what stands in the way of work satisfies the condition, and returns what `/ready` answers then.
    func ready(once condition: @Sendable ([String]) -> Bool) async throws -> APIProbe.Answer {
        for await obstacles in service.useCases.health.changes() where condition(obstacles) { break }
        return try await APIProbe(self).send("GET", absolute: "/ready")
    }

    /// Waits until the service is ready, and says so. A broker that comes back may go once more.
    func becomesReady() async throws {
        for await obstacles in service.useCases.health.changes() where obstacles.isEmpty {
            if try await APIProbe(self).send("GET", absolute: "/ready").status == 200 { return }
        }
        throw SystemTestError("The service never became ready.")
    }
}
