import AMQP
import Distribution
import Foundation
import LocalBroker
import LocalReceiver
import Testing

@Suite("A replay in the middle of which the service ends", .timeLimit(.minutes(2)))
struct ReplayRestartTests {
    private static let letters = 24
    /// Refuses what it gets three times, after which a job is dead, then accepts it; not with 5xx, which opens its circuit.
    private static let path = "/fail-first/3/404"

    @Test func `it goes on in the next process: no letter is lost, and none is replayed twice`() async throws {
        let url = try await SharedBroker.freshVirtualHost()
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receiver = try await Receiver.start()
        let outcome = await Outcome {
            let (ends, _) = try await StandingService.serving(folder, url) { service in
                await service.untilReady()
                try await BrokerClient.with(url) { client in
                    try await Self.play(on: service, receiver, try await EventLog(client))
                }
            }
            #expect(ends.map(\.wasKilled) == [true, false])
            try Self.check(try LedgerFile(folder: folder), receiver)
        }
        await receiver.stop()
        try outcome.get()
    }

    private static func play(on service: StandingService, _ receiver: Receiver, _ events: EventLog) async throws {
        let target = try await service.call(
            "POST", "/targets",
            [
                "name": .string(path), "channelType": .string("webhook"),
                "config": .object(["url": .string(receiver.url(path))]), "retry": RetryTests.schedule("[0.1,0.1]"),
            ])
        let id = TargetID(target.data["id"]?.integerValue ?? 0)
        for number in 0..<letters {
            _ = try await service.call("POST", "/plans", Plans.owner(key: "letter \(number)", targets: [id]))
        }
        try await events.wait(for: letters, type: "job.failed")
        let body: JSONObject = [
            "targetId": .integer(id.rawValue), "ratePerSecond": 10, "idempotencyKey": .string("again"),
        ]
        let accepted = try await service.call("POST", "/dead-letters/replay", body)
        #expect(accepted.data["total"]?.integerValue == Int64(letters))
        try await events.wait(for: 4, type: "job.replayed")
        await service.crash()
        // Asked for again by somebody who has not been answered: the same run.
        let repeated = try await service.call("POST", "/dead-letters/replay", body)
        #expect(repeated.data["id"] == accepted.data["id"])
        let before = repeated.data["replayed"]?.integerValue ?? 0
        #expect(before >= 4 && before < letters)
        try await events.wait(until: { all in
            Set(all.filter { $0.type == "distribution.job.succeeded" }.map { $0.job["id"] }).count == letters
        })
        let replayed = Dictionary(grouping: events.events.filter { $0.type == "distribution.job.replayed" }) {
            $0.job["id"]?.integerValue
        }
        #expect(replayed.count == letters)
        // An event may come twice; there is one of each job.
        #expect(replayed.values.allSatisfy { Set($0.map(\.messageID)).count == 1 })
    }

    private static func check(_ ledger: LedgerFile, _ receiver: Receiver) throws {
        #expect(try ledger.number("SELECT count(*) FROM dead_letter_runs") == 1)
        #expect(try ledger.number("SELECT handled FROM dead_letter_runs WHERE status = 'done'") == letters)
        #expect(try ledger.number("SELECT skipped FROM dead_letter_runs") == 0)
        #expect(try ledger.number("SELECT count(*) FROM distribution_jobs WHERE status = 'succeeded'") == letters)
        let requests = Dictionary(grouping: receiver.requests(at: path), by: \.deliveryID)
        #expect(requests.count == letters)
        let ambiguous = try ledger.number("SELECT count(*) FROM distribution_attempts WHERE certainty = 'ambiguous'")
        #expect(requests.values.reduce(0) { $0 + $1.count } <= 4 * letters + (ambiguous ?? 0))
    }
}
