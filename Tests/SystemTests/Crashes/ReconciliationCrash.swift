import AMQP
import Distribution
import Foundation
import LocalReceiver
import Orchestrator
import Testing

/// A crash while jobs are handed out again that the broker has lost without a word.
struct ReconciliationCrash: Sendable {
    /// Lets the case happen on a ledger of its own, and records what must not be.
    static func run(_ each: CrashCase, url: String) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receiver = try await Receiver.start()
        let outcome = await Outcome {
            let target = try await StandingService.serving(folder, url) { service in
                try await CrashTargets(on: service, receiver: receiver).good
            }.value
            try await BrokerClient.with(url) { client in
                let (ends, events) = try await StandingService.serving(folder, url, crashes: ["\(each)"]) {
                    service in
                    try await play(each, on: service, target: target, client: client)
                }
                #expect(ends.map(\.wasKilled) == [true, false], "\(each)")
                let check = ConservationCheck(
                    accepted: [key(each): 1], events: events, requests: receiver.requests())
                let findings = try await check.run(on: try LedgerFile(folder: folder)) { job, _ in
                    throw SystemTestError("Job \(job) has failed.")
                }
                for problem in findings.problems { Issue.record("\(each): \(problem)") }
                #expect(findings.ambiguous == 0 && findings.repeated == 0, "\(each)")
                #expect(receiver.count() == 1, "\(each)")
            }
        }
        await receiver.stop()
        try outcome.get()
    }

    /// Takes the job's message out of its queue behind everybody's back, and waits for its delivery.
    private static func play(
        _ each: CrashCase, on service: StandingService, target: TargetID, client: Connection
    ) async throws -> [EventLog.Event] {
        let events = try await EventLog(client)
        // Nobody else may have it.
        _ = try await service.call("POST", "/targets/\(target)/pause", ["reason": "about to lose a job"])
        let plan = Plans.owner(key: key(each), targets: [target])
        let message = OutgoingMessage(
            exchange: "distribution.plans", routingKey: "plan.requested", body: JSON.object(plan).serialized())
        let result = await client.makePublisher().publish(message)
        guard result == .confirmed else { throw SystemTestError("The broker answered \(result).") }
        let queue = "distribution.jobs.webhook.\(target)"
        while try await client.withChannel({ try await $0.purgeQueue(name: queue) }) == 0 {}
        _ = try await service.call("POST", "/targets/\(target)/resume")
        try await events.wait(type: "plan.completed")
        return events.events
    }

    private static func key(_ each: CrashCase) -> String { "\(each) plan" }
}
