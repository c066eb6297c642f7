import AMQP
import Distribution
import Foundation
import GRDB
import LocalReceiver
import Logging
import Orchestrator
import Testing

@testable import clawcast

@Suite("A ledger that cannot be written", .serialized, .timeLimit(.minutes(2)))
struct LedgerOverloadTests {
    @Test func `at its limit it takes nothing it cannot keep, says so, and goes on once there is room`() async throws {
        let log = CapturedLog()
        try await TestSystem.with(
            logger: log.logger(level: .notice), configure: { $0.ledgerMaximumMebibytes = 3 }
        ) { system in
            let target = try await system.createTarget()
            try await system.deliverMarker("before", to: target)
            let other = try DatabaseQueue(path: system.dataDirectory + "/ledger.sqlite")
            try await other.write { database in
                try database.execute(sql: "CREATE TABLE ballast (bytes BLOB)")
                try database.execute(sql: "INSERT INTO ballast VALUES (zeroblob(3500000))")
            }
            try await Self.withoutRoom(
                system, target, log, cause: "at_limit", remedy: "CLAWCAST_LEDGER_MAX_MIB"
            ) {
                try await other.write { try $0.execute(sql: "DROP TABLE ballast") }
                try other.close()
            }
        }
    }

    @Test func `at its limit dead letters can be purged, after which all goes on`() async throws {
        let log = CapturedLog()
        try await TestSystem.with(
            logger: log.logger(level: .notice), configure: { $0.ledgerMaximumMebibytes = 3 }
        ) { system in
            let api = try APIProbe(system)
            let failing = try await system.createTarget(
                path: "/status/500", settings: ["retry": RetryTests.schedule("[]")])
            func plan(_ key: String, _ target: Target, _ length: Int) -> JSONObject {
                let body = key + String(repeating: "x", count: length)
                return Plans.owner(
                    key: key, targets: [target.id], changes: ["content": .object(Plans.content(body: body))])
            }
            // It dies at once, and its bytes are kept for a replay.
            try await system.publish(plan("dead", failing, 700_000))
            try await system.events.wait(type: "plan.completed")
            let other = try DatabaseQueue(path: system.dataDirectory + "/ledger.sqlite")
            try await other.write { database in
                try database.execute(sql: "CREATE TABLE ballast (bytes BLOB)")
                try database.execute(sql: "INSERT INTO ballast VALUES (zeroblob(3500000))")
            }
            try other.close()
            let target = try await system.createTarget()
            try await system.publish(plan("waits", target, 100_000))
            _ = try await system.ready { $0.contains { $0.hasPrefix("ledger unavailable") } }
            #expect(try await api.send("POST", "/dead-letters/replay", ["all": .bool(true)]).status == 503)
            #expect(try await api.send("DELETE", "/dead-letters?all=true").status == 202)
            try await system.becomesReady()
            try await system.events.wait(for: 2, type: "plan.completed")
            #expect(try await api.get("/dead-letters").list.isEmpty)
            #expect(log.count(of: "The ledger cannot be written") == 1, "\(log.text)")
            #expect(log.count(of: "A run over dead letters could not go on.") == 0)
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible, "Only root may mount a file system."))
    func `on a full disk it takes nothing it cannot keep, says so, and goes on once there is room`() async throws {
        let disk = try SmallDisk(mebibytes: 48)
        defer { disk.remove() }
        let log = CapturedLog()
        try await TestSystem.with(dataDirectory: disk.path + "/data", logger: log.logger(level: .notice)) { system in
            let target = try await system.createTarget()
            try await system.deliverMarker("before", to: target)
            try disk.fill()
            try await Self.withoutRoom(system, target, log, cause: "full", remedy: "Free space") {
                try disk.relieve()
            }
        }
    }

    /// Sends plans to a service whose ledger has no room, looks at what it says, and makes room.
    private static func withoutRoom(
        _ system: TestSystem, _ target: Target, _ log: CapturedLog, cause: String, remedy: String,
        relieve: () async throws -> Void
    ) async throws {
        let probe = try APIProbe(system)
        let text = String(repeating: "Too long for what is left. ", count: 4_000)
        func plan(_ key: String) -> JSONObject {
            Plans.owner(key: key, targets: [target.id], changes: ["content": .object(Plans.content(body: text + key))])
        }
        for number in 0..<3 { try await system.publish(plan("message-\(number)")) }
        let ready = try await system.ready { $0.contains { $0.hasPrefix("ledger unavailable") } }
        #expect(ready.status == 503)
        #expect(ready.code == "LEDGER_UNAVAILABLE")
        #expect(ready.object["remediation"]?.stringValue?.contains(remedy) == true, "\(ready.text)")

        let refused = try await probe.send("POST", "/plans", plan("caller"))
        #expect(refused.status == 503)
        #expect(refused.code == "LEDGER_UNAVAILABLE")
        #expect(refused.context["cause"]?.stringValue == cause)
        #expect(refused.object["remediation"]?.stringValue?.contains(remedy) == true)
        #expect(refused["retry-after"] == "5")
        // Who reads gets an answer.
        let plans = try await probe.get("/plans")
        #expect(plans.status == 200)
        #expect(plans.list.count == 1)
        let metrics = try await probe.send("GET", absolute: "/metrics").text
        #expect(metrics.contains("clawcast_ledger_available 0"))
        #expect(metrics.contains("clawcast_ledger_failures_total{cause=\"\(cause)\"}"))
        // The messages are in hand, neither acked nor refused.
        #expect(try await system.depth("distribution.dead.plans") == 0)
        #expect(system.receiver.count() == 1)

        try await relieve()
        try await system.becomesReady()
        try await system.events.wait(for: 4, type: "plan.completed")
        #expect(system.receiver.count() == 4)
        #expect(try await probe.send("POST", "/plans", plan("caller")).status == 201)
        #expect(try await probe.send("GET", absolute: "/metrics").text.contains("clawcast_ledger_available 1"))
        #expect(log.count(of: "The ledger cannot be written") == 1, "\(log.text)")
        #expect(log.count(of: "The ledger can be written again") == 1)
        #expect(try LedgerFile(system).number("SELECT count(*) FROM ledger_probe") == 0)
    }

    @Test func `locked by another program it keeps the outcome in hand, says so, and records it once`() async throws {
        let log = CapturedLog()
        try await TestSystem.with(logger: log.logger(level: .notice)) { system in
            let target = try await system.createTarget(path: "/delay/1000/locked")
            try await system.publish(Plans.owner(key: "in-flight", targets: [target.id]))
            await system.receiver.waitForRequests(1)
            let holder = try await LedgerHolder.lock(system.dataDirectory)
            // For longer than SQLite waits by itself.
            let ready = try await system.ready { $0.contains { $0.hasPrefix("ledger unavailable") } }
            #expect(ready.status == 503)
            #expect(ready.object["remediation"]?.stringValue?.contains("fuser") == true, "\(ready.text)")
            let refused = try await APIProbe(system).send(
                "POST", "/plans", Plans.owner(key: "caller", targets: [target.id]))
            #expect(refused.status == 503)
            #expect(refused.context["cause"]?.stringValue == "locked")
            try await holder.release()
            try await system.becomesReady()
            try await system.events.wait(type: "plan.completed")
            #expect(system.receiver.count() == 1)
            let ledger = try LedgerFile(system)
            #expect(try ledger.counts("SELECT certainty, count(*) FROM distribution_attempts") == ["accepted": 1])
            #expect(log.count(of: "The ledger cannot be written") == 1, "\(log.text)")
        }
    }

    @Test func `a service that is told to stop while the ledger is locked ends`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget()
            try await system.deliverMarker("before", to: target)
            let holder = try await LedgerHolder.lock(system.dataDirectory)
            try await system.publish(Plans.owner(key: "never", targets: [target.id]))
            _ = try await system.ready { $0.contains { $0.hasPrefix("ledger unavailable") } }
            // The body returns, and the service is stopped behind it; the lock goes when it has begun to.
            async let stopping: Void = system.service.stop()
            for await obstacles in system.service.useCases.health.changes() where obstacles.contains("stopping") {
                break
            }
            try await holder.release()
            await stopping
        }
    }
}
