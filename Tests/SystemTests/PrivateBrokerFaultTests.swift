import Distribution
import Foundation
import LocalReceiver
import Testing

@testable import clawcast

@Suite("A service with a broker of its own", .timeLimit(.minutes(3)))
struct PrivateBrokerFaultTests {
    @Test func `killed, it finds its broker again with every message, and loses nothing`() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receiver = try await Receiver.start()
        let port = try await FreePort.find()
        let outcome = await Outcome {
            let first = try ServiceProcess.launch(folder: folder, amqpURL: nil, http: "127.0.0.1:\(port)")
            try await first.becomesReady()
            let api = try APIProbe(port: port, folder: folder)
            let target = try await api.send(
                "POST", "/targets",
                [
                    "name": .string("slow"), "channelType": .string("webhook"), "maxInFlight": .integer(2),
                    "config": .object(["url": .string(receiver.url("/delay/50/slow"))]),
                ])
            let id = TargetID(try #require(target.data["id"]?.integerValue))
            for number in 0..<40 {
                let plan = Plans.owner(key: "kept-\(number)", targets: [id])
                #expect(try await api.send("POST", "/plans", plan).status == 201)
            }
            await receiver.waitForRequests(5)
            #expect(try await first.end(with: SIGKILL).wasKilled)
            #expect(receiver.distinctDeliveries < 40)

            let second = try ServiceProcess.launch(folder: folder, amqpURL: nil, http: "127.0.0.1:\(port)")
            try await second.becomesReady()
            let outcome = await Outcome { try await Self.finish(folder, receiver) }
            #expect(try await second.end(with: SIGTERM).status == 0)
            try outcome.get()
        }
        await receiver.stop()
        try outcome.get()
    }

    /// Every plan is delivered, and WordClaw's queue holds every event since the beginning, in sequence.
    private static func finish(_ folder: String, _ receiver: Receiver) async throws {
        try await BrokerClient.with(try brokerURL(folder)) { client in
            let log = try await EventLog(client)
            try await log.wait(until: { events in
                Set(events.filter { $0.type == "distribution.plan.completed" }.map(\.plan)).count >= 40
            })
            for (plan, events) in Dictionary(grouping: log.events, by: { $0.plan["id"]?.integerValue ?? 0 })
            where plan != 0 {
                let sequences = Set(events.compactMap { $0.envelope["sequence"]?.stringValue.flatMap { Int($0) } })
                #expect(sequences == Set(1...max(1, sequences.count)), "plan \(plan)")
            }
        }
        let ledger = try LedgerFile(folder: folder)
        let jobs = try ledger.counts("SELECT deliveryId, status = 'succeeded' FROM distribution_jobs")
        #expect(jobs.count == 40)
        #expect(jobs.values.allSatisfy { $0 == 1 })
        let received = Dictionary(receiver.requests().map { ($0.deliveryID ?? "", 1) }, uniquingKeysWith: +)
        #expect(Set(received.keys) == Set(jobs.keys))
        let ambiguous = try ledger.number(
            "SELECT count(*) FROM distribution_attempts WHERE certainty = 'ambiguous'")
        #expect(received.values.reduce(0) { $0 + $1 - 1 } <= ambiguous ?? 0)
    }

    /// What the node in the folder is reached by.
    private static func brokerURL(_ folder: String) throws -> String {
        let text = try String(contentsOfFile: folder + "/broker/identity", encoding: .utf8)
        let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
        let values = Dictionary(pairs.filter { $0.count == 2 }.map { ($0[0], $0[1]) }) { $1 }
        let (user, password) = (values["username"] ?? "", values["password"] ?? "")
        return "amqp://\(user):\(password)@127.0.0.1:\(values["amqp"] ?? "")/%2F"
    }
}
