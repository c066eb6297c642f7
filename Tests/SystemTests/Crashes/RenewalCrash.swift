import AMQP
import Distribution
import Testing

/// A crash while the queue of a target is made anew, because the broker leaves its consumer without an answer.
enum RenewalCrash {
    /// Sent before the crash, and as many after it: the first of those may start without its message, the others come
    /// through the queue.
    private static let plans = 5

    /// Lets the case happen on a ledger of its own, and records what must not be.
    static func run(_ each: CrashCase, url: String) async throws {
        let port = try ConnectionConfiguration(url: url).port
        let proxy = try await StuckQueueProxy.start(to: port)
        let outcome = await Outcome {
            try await CrashStage.with(url) { stage in
                proxy.stick(.consume, of: "distribution.jobs.webhook.\(stage.targets.good)")
                let stuck = url.replacing(":\(port)/", with: ":\(proxy.port)/")
                try await BrokerClient.with(url) { client in
                    let events = try await stage.crash(each, over: stuck) { service in
                        try await play(each, on: service, target: stage.targets.good, proxy: proxy, client: client)
                    }
                    // Nothing had been sent before, so that nothing is in doubt.
                    try await stage.checkDelivered(each, plans: (0..<2 * plans).map { key(each, $0) }, events)
                }
            }
        }
        await proxy.stop()
        try outcome.get()
    }

    /// Fills the queue that nobody can consume; once the service has died over it, the broker answers again.
    private static func play(
        _ each: CrashCase, on service: StandingService, target: TargetID, proxy: StuckQueueProxy, client: Connection
    ) async throws -> [EventLog.Event] {
        try await send((0..<plans).map { key(each, $0) }, to: target, client)
        await service.wait { $0.ends.isEmpty ? nil : true }
        proxy.unstick()
        try await send((plans..<2 * plans).map { key(each, $0) }, to: target, client)
        let events = try await EventLog(client)
        try await events.wait(for: 2 * plans, type: "plan.completed")
        return events.events
    }

    private static func send(_ keys: [String], to target: TargetID, _ client: Connection) async throws {
        let messages = keys.map { key in
            OutgoingMessage(
                exchange: "distribution.plans", routingKey: "plan.requested",
                body: JSON.object(Plans.owner(key: key, targets: [target])).serialized())
        }
        let results = await client.makePublisher().publish(messages)
        guard results.allSatisfy({ $0 == .confirmed }) else { throw SystemTestError("The broker took \(results).") }
    }

    private static func key(_ each: CrashCase, _ number: Int) -> String { "\(each) plan \(number)" }
}
