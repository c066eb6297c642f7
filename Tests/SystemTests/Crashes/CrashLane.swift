import AMQP
import Distribution
import Foundation
import LocalReceiver
import Testing

/// A ledger and a virtual host of their own, on which one crash after the other happens.
struct CrashLane: Sendable {
    private let folder: String
    private let url: String
    private let receiver: Receiver
    private let client: Connection
    private let events: EventLog
    private let letters: DeadLetterLog
    private let targets: CrashTargets

    /// Lets every case happen, in order, and records what must not be.
    static func run(_ cases: [CrashCase], url: String) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receiver = try await Receiver.start()
        let outcome = await Outcome {
            try await BrokerClient.with(url) { client in
                let targets = try await StandingService.serving(folder, url) { service in
                    try await CrashTargets(on: service, receiver: receiver)
                }.value
                let lane = CrashLane(
                    folder: folder, url: url, receiver: receiver, client: client,
                    events: try await EventLog(client), letters: try await DeadLetterLog(client), targets: targets)
                for each in cases { try await lane.run(each) }
            }
        }
        await receiver.stop()
        try outcome.get()
    }

    private func run(_ each: CrashCase) async throws {
        events.forget()
        letters.forget()
        receiver.reset()
        let after = try LedgerFile(folder: folder).number("SELECT max(id) FROM distribution_plans") ?? 0
        let crashes = each.startsAfterCrash ? [nil, "\(each)"] : ["\(each)"]
        let (ends, accepted) = try await StandingService.serving(folder, url, crashes: crashes) { service in
            try await play(each, on: service)
        }
        // The last one has stopped when it was asked to.
        #expect(ends.map(\.wasKilled) == Array(repeating: true, count: crashes.count) + [false], "\(each)")
        #expect(ends.dropLast().allSatisfy { $0.status == SIGKILL }, "\(each)")
        let ledger = try LedgerFile(folder: folder)
        let check = ConservationCheck(
            accepted: accepted, events: events.events, requests: receiver.requests(), after: Int64(after))
        let findings = try await check.run(on: ledger) { try await letters.wait(for: $0, epoch: $1) }
        for problem in findings.problems { Issue.record("\(each): \(problem)") }
        #expect(try ledger.number("SELECT count(*) FROM event_outbox") == 0, "\(each)")
        let told = events.events.filter { $0.type == "distribution.plan.rejected" }
        #expect(Set(told.map(\.messageID)).count == 1, "\(each): a refusal is told of once")
    }

    private func play(_ each: CrashCase, on service: StandingService) async throws -> [String: Int] {
        let story = CrashStory(
            name: "\(each)", service: service, targets: targets, receiver: receiver, client: client, events: events,
            letters: letters)
        let prelude = each.startsAfterCrash ? try await story.playPrelude() : [:]
        return try await story.play().merging(prelude) { $1 }
    }
}
