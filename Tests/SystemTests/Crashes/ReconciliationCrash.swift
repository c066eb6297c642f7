import AMQP
import Distribution
import LocalReceiver
import Testing

/// A crash while jobs are handed out again that the broker has lost without a word.
enum ReconciliationCrash {
    /// Lets the case happen on a ledger of its own, and records what must not be.
    static func run(_ each: CrashCase, url: String) async throws {
        try await CrashStage.with(url) { stage in
            try await BrokerClient.with(url) { client in
                let events = try await stage.crash(each) { service in
                    try await play(each, on: service, target: stage.targets.good, client: client)
                }
                try await stage.checkDelivered(each, plans: [key(each)], events)
                #expect(stage.receiver.count() == 1, "\(each)")
            }
        }
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
        while try await client.withChannel({ try await $0.purgeQueue(name: queue) }) == 0 {
            try Task.checkCancellation()
        }
        _ = try await service.call("POST", "/targets/\(target)/resume")
        try await events.wait(type: "plan.completed")
        return events.events
    }

    private static func key(_ each: CrashCase) -> String { "\(each) plan" }
}
