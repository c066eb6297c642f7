import AMQP
import Distribution
import Foundation
import GRDB
import LocalBroker
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("clawcast verify", .timeLimit(.minutes(2)))
struct VerifyTests {
    /// What the program says and how it exits.
    private struct Verdict {
        let code: Int32
        let document: JSONObject

        func codes(_ severity: String) -> [String] {
            document[severity]?.arrayValue?.compactMap { $0.objectValue?["code"]?.stringValue } ?? []
        }
    }

    private static func verify(_ folder: String, _ url: String, _ arguments: [String] = []) async throws -> Verdict {
        let run = try await CLIProgram.run(
            ["verify", "--json", "--data-dir", folder] + arguments, ["CLAWCAST_AMQP_URL": url])
        #expect(run.errors == "")
        return Verdict(code: run.code, document: try JSON.parse(Array(run.output.utf8)).objectValue ?? [:])
    }

    private static func withFolder(_ body: (String) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try await body(folder)
    }

    @Test func `what is purged behind its back is found out, and the service delivers it all the same`() async throws {
        // One that outlives the first service.
        let receiver = try await Receiver.start()
        let outcome = await Outcome { try await Self.purgeAndHeal(receiver) }
        await receiver.stop()
        try outcome.get()
    }

    private static func purgeAndHeal(_ receiver: Receiver) async throws {
        try await Self.withFolder { folder in
            let url = try await SharedBroker.freshVirtualHost()
            let due = try await TestSystem.with(amqpURL: url, dataDirectory: folder) { system in
                let target = try await system.createTarget(
                    url: receiver.url("/fail-first/1/500"), settings: ["retry": RetryTests.schedule("[15]")])
                try await system.publish(Plans.owner(key: "later", targets: [target.id]))
                let due = try RetryTests.nextAttempt(try await system.events.wait(type: "job.retrying")[0])
                // This one waits in the ledger, and nobody misses its message.
                let tomorrow = SystemTime().now().adding(milliseconds: 86_400_000)
                _ = try await system.ask(
                    Plans.owner(
                        key: "tomorrow", targets: [target.id], changes: ["scheduledAt": .string(tomorrow.iso8601)]))
                // Published after it, and in order: the job of the plan has its message now.
                try await system.deliverMarker("marker", to: try await system.createTarget())
                let beside = try await Self.verify(folder, url)
                #expect(beside.code == 0, "\(beside.document)")
                #expect(beside.codes("violations") == [])
                #expect(receiver.count() == 1)
                return due
            }
            let before = try await Self.verify(folder, url)
            #expect(before.code == 0, "\(before.document)")
            #expect(before.document["holds"] == true)
            #expect(before.document["broker"]?.objectValue?["quiet"] == true)

            try await Self.purge(url, target: 1)
            let after = try await Self.verify(folder, url)
            #expect(after.code == 1)
            let expected = Set(["MESSAGES_MISSING", "DELAYED_MESSAGES_MISSING"])
            #expect(!expected.isDisjoint(with: after.codes("violations")), "\(after.document)")

            try await TestSystem.with(
                amqpURL: url, dataDirectory: folder,
                settings: { settings in
                    settings.reconcileIntervalMilliseconds = 300
                    settings.reconcileConfirmMilliseconds = 300
                    settings.missingAfterMilliseconds = 500
                }
            ) { system in
                try await system.events.wait { event in
                    event.type == "distribution.plan.completed"
                        && event.plan["idempotencyKey"]?.stringValue == "later"
                }
                #expect(SystemTime().now() >= due)
                #expect(receiver.count(at: "/fail-first/1/500") == 2)
                let metrics = try await APIProbe(system).send("GET", absolute: "/metrics").text
                #expect(metrics.contains("\nclawcast_conservation_violations 0\n"))
                #expect(metrics.contains("\nclawcast_jobs_missed_total 1\n"))
            }
            let healed = try await Self.verify(folder, url, ["--full"])
            #expect(healed.code == 0, "\(healed.document)")
            #expect(healed.codes("warnings") == [])
        }
    }

    private static func purge(_ url: String, target: Int64) async throws {
        try await BrokerClient.with(url) { client in
            try await client.withChannel { channel in
                var purged = 0
                for level in 0..<23 { purged += try await channel.purgeQueue(name: "distribution.delay.\(level)") }
                purged += try await channel.purgeQueue(name: "distribution.jobs.webhook.\(target)")
                #expect(purged == 1)
            }
        }
    }

    @Test func `a ledger that somebody has written to is found out, without a broker too`() async throws {
        try await Self.withFolder { folder in
            let url = try await SharedBroker.freshVirtualHost()
            try await TestSystem.with(amqpURL: url, dataDirectory: folder) { system in
                try await system.deliverMarker("one", to: try await system.createTarget())
            }
            let nowhere = "amqp://guest:guest@127.0.0.1:1/"
            let healthy = try await Self.verify(folder, nowhere)
            #expect(healthy.code == 0)
            #expect(healthy.codes("warnings") == ["BROKER_SKIPPED"])
            #expect(healthy.document["broker"] == .null)

            let queue = try DatabaseQueue(path: folder + "/ledger.sqlite")
            try await queue.write { try $0.execute(sql: "UPDATE distribution_plans SET failedCount = 3") }
            try queue.close()
            let damaged = try await Self.verify(folder, nowhere)
            #expect(damaged.code == 1)
            #expect(damaged.codes("violations") == ["PLAN_COUNTS_WRONG", "PLAN_STATUS_WRONG"])

            let people = try await CLIProgram.run(
                ["verify", "--data-dir", folder], ["CLAWCAST_AMQP_URL": nowhere])
            #expect(people.code == 1)
            #expect(people.output.contains("violation PLAN_COUNTS_WRONG: A plan's counts are not those of its jobs."))
            #expect(people.output.contains("2 violations."))
        }
    }

    @Test func `without a ledger there is nothing to verify`() async throws {
        let run = try await CLIProgram.run(["verify", "--data-dir", "/nonexistent/clawcast"])
        #expect(run.code == 1)
        #expect(run.errors.contains("There is no ledger at /nonexistent/clawcast/ledger.sqlite."))
        #expect(try await CLIProgram.run(["verify", "--ful"]).code == 2)
    }
}
