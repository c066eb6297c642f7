import AMQP
import Distribution
import Foundation
import LocalBroker
import LocalReceiver
import Logging

/// A service under load beside its broker, of which one dies in every round.
struct RandomKills: Sendable {
    private static let plans = 40
    private static let targetsPerPlan = 5
    private static let deliveries = plans * targetsPerPlan

    private let seed: UInt64
    private let broker: PrivateBroker
    private let service: StandingService
    private let receiver: Receiver
    private let client: Connection
    private let events: EventLog
    private let letters: DeadLetterLog
    private let targets: [TargetID]

    /// Sets everything up on a node of its own, and takes it down again.
    static func with<Value: Sendable>(
        seed: UInt64, _ body: @escaping @Sendable (RandomKills) async throws -> Value
    ) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var logger = Logger(label: "random-kills")
        logger.logLevel = .error
        let broker = try await PrivateBroker.startTemporary(logger: logger)
        let receiver = try await Receiver.start(keepBodies: false)
        let outcome = await Outcome {
            try await StandingService.serving(folder, broker.amqpURL) { service in
                await service.untilReady()
                let value = try await BrokerClient.with(broker.amqpURL) { client in
                    let kills = RandomKills(
                        seed: seed, broker: broker, service: service, receiver: receiver, client: client,
                        events: try await EventLog(client), letters: try await DeadLetterLog(client),
                        targets: try await targets(on: service, receiver))
                    return try await body(kills)
                }
                return value
            }.value
        }
        let debt = await Outcome { try Self.owed(in: LedgerFile(folder: folder)) }
        await receiver.stop()
        await broker.stop(removingDirectory: true)
        let value = try outcome.get()
        let rest = try debt.get()
        guard rest == 0 else { throw SystemTestError("The ledger still owes \(rest) messages.") }
        return value
    }

    /// Publishes plans, has somebody killed in the middle, waits until all is done, and looks at what came of it.
    func play(round: Int) async throws -> SoakRound {
        let start = ContinuousClock.now
        events.forget()
        letters.forget()
        receiver.reset()
        let kill = KillPlan(round: round, seed: seed, deliveries: Self.deliveries)
        let ledger = try LedgerFile(folder: service.folder)
        let after = try ledger.number("SELECT max(id) FROM distribution_plans") ?? 0
        let keys = (0..<Self.plans).map { "round \(round) plan \($0)" }
        async let published: Void = publish(keys)
        await receiver.waitForRequests(kill.requests)
        try await carryOut(kill)
        try await published
        try await events.wait(until: { events in
            Set(events.lazy.filter { $0.type == "distribution.plan.completed" }.map(\.planKey)).isSuperset(of: keys)
        })
        let check = ConservationCheck(
            accepted: Dictionary(keys.map { ($0, Self.targetsPerPlan) }) { $1 }, events: events.events,
            requests: receiver.requests(), after: Int64(after), isLive: true)
        let findings = try await check.run(on: ledger) { try await letters.wait(for: $0, epoch: $1) }
        return SoakRound(number: round, kill: "\(kill)", findings: findings, duration: ContinuousClock.now - start)
    }

    private func carryOut(_ kill: KillPlan) async throws {
        switch kill.victim {
        case .broker:
            await broker.kill()
            try await broker.restart()
        case .service: await service.crash()
        case .serviceAndStart:
            await service.crash()
            await service.crash()
        case .serviceAndSuccessor:
            await service.crash()
            await service.untilReady()
            await service.crash()
        }
    }

    /// Publishes until the broker has confirmed every plan; one that was not confirmed may come twice.
    private func publish(_ keys: [String]) async throws {
        let publisher = client.makePublisher()
        var missing = keys.enumerated().map { number, key in
            let places = (0..<Self.targetsPerPlan).map { targets[(number + $0 * 2) % targets.count] }
            return OutgoingMessage(
                exchange: "distribution.plans", routingKey: "plan.requested",
                body: JSON.object(Plans.owner(key: key, targets: places)).serialized())
        }
        while !missing.isEmpty {
            guard await client.waitUntilConnected() != nil else { throw CancellationError() }
            let results = await publisher.publish(missing)
            missing = zip(missing, results).filter { $1 != .confirmed }.map(\.0)
        }
    }

    /// Some accept after a while, some refuse at first, and one lets every job die; with 404, which opens no circuit.
    private static func targets(on service: StandingService, _ receiver: Receiver) async throws -> [TargetID] {
        let slow = (0..<4).map { ("/delay/20/\($0)", "[0.1,0.2,0.4,0.8]") }
        let slower = (0..<3).map { ("/delay/80/\($0)", "[0.1,0.2,0.4,0.8]") }
        let flaky = (0..<2).map { ("/fail-first/1/404/\($0)", "[0.2,0.4,0.8]") }
        var ids: [TargetID] = []
        for (path, retries) in slow + slower + flaky + [("/status/404", "[0.1]")] {
            let document: JSONObject = [
                "name": .string(path), "channelType": .string("webhook"),
                "config": .object(["url": .string(receiver.url(path))]), "retry": RetryTests.schedule(retries),
            ]
            let answer = try await service.call("POST", "/targets", document)
            guard let id = answer.data["id"]?.integerValue else { throw SystemTestError(answer.text) }
            ids.append(TargetID(id))
        }
        return ids
    }

    /// What a service that has stopped must not owe any more.
    private static func owed(in ledger: LedgerFile) throws -> Int {
        let events = try ledger.number("SELECT count(*) FROM event_outbox") ?? 0
        let letters = try ledger.number("SELECT count(*) FROM distribution_jobs WHERE deadLetter = 'owed'") ?? 0
        return events + letters
    }
}

extension EventLog.Event {
    fileprivate var planKey: String { plan["idempotencyKey"]?.stringValue ?? "" }
}
