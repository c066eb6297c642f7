import AMQP
import Distribution
import Foundation
import LocalReceiver
import Testing

/// A crash while the queue of a target is made anew, because the broker leaves its consumer without an answer.
struct RenewalCrash: Sendable {
    private static let plans = 5

    /// Lets the case happen on a ledger of its own, and records what must not be.
    static func run(_ each: CrashCase, url: String) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let port = try ConnectionConfiguration(url: url).port
        let proxy = try await StuckQueueProxy.start(to: port)
        let receiver = try await Receiver.start()
        let outcome = await Outcome {
            let target = try await StandingService.serving(folder, url) { service in
                try await CrashTargets(on: service, receiver: receiver).good
            }.value
            proxy.stick(.consume, of: "distribution.jobs.webhook.\(target)")
            let stuckURL = url.replacing(":\(port)/", with: ":\(proxy.port)/")
            try await BrokerClient.with(url) { client in
                let (ends, events) = try await StandingService.serving(folder, stuckURL, crashes: ["\(each)"]) {
                    service in
                    try await play(each, on: service, target: target, proxy: proxy, client: client)
                }
                #expect(ends.map(\.wasKilled) == [true, false], "\(each)")
                let check = ConservationCheck(
                    accepted: Dictionary((0..<plans).map { (key(each, $0), 1) }) { $1 }, events: events,
                    requests: receiver.requests())
                let findings = try await check.run(on: try LedgerFile(folder: folder)) { job, _ in
                    throw SystemTestError("Job \(job) has failed.")
                }
                for problem in findings.problems { Issue.record("\(each): \(problem)") }
                // Nothing had been sent before.
                #expect(findings.ambiguous == 0 && findings.repeated == 0, "\(each)")
            }
        }
        await receiver.stop()
        await proxy.stop()
        try outcome.get()
    }

    /// Fills the queue that nobody can consume; once the service has died over it, the broker answers again.
    private static func play(
        _ each: CrashCase, on service: StandingService, target: TargetID, proxy: StuckQueueProxy, client: Connection
    ) async throws -> [EventLog.Event] {
        let messages = (0..<plans).map { number in
            OutgoingMessage(
                exchange: "distribution.plans", routingKey: "plan.requested",
                body: JSON.object(Plans.owner(key: key(each, number), targets: [target])).serialized())
        }
        let results = await client.makePublisher().publish(messages)
        guard results.allSatisfy({ $0 == .confirmed }) else { throw SystemTestError("The broker took \(results).") }
        await service.wait { $0.ends.isEmpty ? nil : true }
        proxy.unstick()
        let events = try await EventLog(client)
        try await events.wait(for: plans, type: "plan.completed")
        return events.events
    }

    private static func key(_ each: CrashCase, _ number: Int) -> String { "\(each) plan \(number)" }
}
