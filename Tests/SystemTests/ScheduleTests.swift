import AMQP
import Distribution
import Foundation
import LocalBroker
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("Plans for a later time, through the whole service", .timeLimit(.minutes(2)))
struct ScheduleTests {
    private static func later(_ milliseconds: Int64) -> Timestamp {
        SystemTime().now().adding(milliseconds: milliseconds)
    }

    private static func plan(_ key: String, _ targets: [TargetID], at time: Timestamp) -> JSONObject {
        Plans.owner(key: key, targets: targets, changes: ["scheduledAt": .string(time.iso8601)])
    }

    private static func messagesInLadder(_ system: TestSystem) async throws -> Int {
        var count = 0
        for level in 0..<23 { count += try await system.depth("distribution.delay.\(level)") }
        return count
    }

    private static func milliseconds(_ request: ReceivedRequest) -> Int64 { request.wallNanoseconds / 1_000_000 }

    @Test func `plans wait without a message, and go out at their time in the order of their ids`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(path: "/one", settings: ["maxInFlight": 1])
            let due = Self.later(3_000)
            var ids: [Int64] = []
            for number in 0..<12 {
                let reply = try await system.ask(Self.plan("plan \(number)", [target.id], at: due))
                ids.append(try #require(reply.planID))
            }
            let far = try await system.ask(Self.plan("far", [target.id], at: Self.later(12 * 86_400_000)))
            let waiting = far.object["jobs"]?.arrayValue?.map { $0.objectValue?["waitingOn"]?.stringValue }
            #expect(waiting == ["schedule"])
            let completed = try await system.events.wait(for: 12, type: "plan.completed")
            #expect(completed.compactMap { $0.plan["id"]?.integerValue } == ids)
            #expect(system.events.events.count { $0.type == "distribution.plan.scheduled" } == 13)
            let requests = system.receiver.requests(at: "/one")
            #expect(requests.count == 12)
            #expect(requests.allSatisfy { Self.milliseconds($0) >= due.milliseconds })
            #expect(try await Self.messagesInLadder(system) == 0)
            let snapshot = try await system.service.useCases.plan(
                PlanID(try #require(far.planID)), domainID: TestSystem.domain)
            #expect(snapshot.jobs.allSatisfy { $0.job.publishedEpoch == 0 && $0.job.status == .queued })
            let api = try APIProbe(system)
            let retry = try await api.send("POST", "/jobs/\(snapshot.jobs[0].job.id)/retry")
            #expect(retry.status == 409)
            #expect(try await api.send("POST", "/plans/\(snapshot.plan.id)/cancel").status == 200)
            let metrics = try await api.send("GET", absolute: "/metrics").text
            #expect(metrics.contains("\nclawcast_jobs_scheduled 0\n"))
        }
    }

    @Test func `a time that passes while the service is down is made up for, and the next is kept`() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let url = try await SharedBroker.freshVirtualHost()
        // One that outlives the first service.
        let receiver = try await Receiver.start()
        let outcome = await Outcome { try await Self.restart(folder, url, receiver) }
        await receiver.stop()
        try outcome.get()
    }

    private static func restart(_ folder: String, _ url: String, _ receiver: Receiver) async throws {
        let times = try await TestSystem.with(amqpURL: url, dataDirectory: folder) { system in
            let missed = try await system.createTarget(url: receiver.url("/missed"))
            let kept = try await system.createTarget(url: receiver.url("/kept"))
            let times = (missed: later(2_000), kept: later(6_000))
            for number in 0..<10 {
                _ = try await system.ask(plan("missed \(number)", [missed.id], at: times.missed))
                _ = try await system.ask(plan("kept \(number)", [kept.id], at: times.kept))
            }
            return times
        }
        // It passes while no service is there.
        try await SystemTime().sleep(until: times.missed)
        try await TestSystem.with(amqpURL: url, dataDirectory: folder) { system in
            try await system.events.wait(for: 20, type: "plan.completed")
            for (path, due) in [("/missed", times.missed), ("/kept", times.kept)] {
                let requests = receiver.requests(at: path)
                #expect(requests.count == 10, "\(path)")
                #expect(requests.allSatisfy { milliseconds($0) >= due.milliseconds }, "\(path)")
            }
        }
    }
}
