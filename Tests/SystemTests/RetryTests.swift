import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Sealing
import Testing

@testable import clawcast

@Suite("A delivery that fails at first", .timeLimit(.minutes(2)))
struct RetryTests {
    @Test func `no attempt comes before its time, and each sends the same bytes signed anew`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(
                path: "/fail-first/5/503", settings: ["retry": Self.schedule("[0.1,0.3,0.7,1.3,0.2]")])
            try await system.publish(Plans.owner(key: "patient", targets: [target.id]))
            let completed = try await system.events.wait(type: "plan.completed")[0]
            #expect(completed.plan["status"]?.stringValue == "succeeded")
            let requests = system.receiver.requests()
            let retries = system.events.events.filter { $0.type == "distribution.job.retrying" }
            #expect(requests.count == 6)
            try #require(retries.count == 5)
            for (retry, request) in zip(retries, requests.dropFirst()) {
                let due = try Self.nextAttempt(retry)
                #expect(request.wallNanoseconds / 1_000_000 >= due.milliseconds)
            }
            #expect(Set(requests.map(\.body)).count == 1)
            #expect(Set(requests.map(\.deliveryID)).count == 1)
            let secret = try #require(target.credentials["secret"])
            for request in requests { try Signatures.check(request, secret: secret) }
            let job = try await system.onlyJob(of: completed)
            #expect(job.attempts.map(\.number) == Array(1...6))
            #expect(job.attempts.map(\.certainty) == Array(repeating: .rejected, count: 5) + [.accepted])
            #expect(job.attempts.map(\.statusCode) == Array(repeating: 503, count: 5) + [200])
            #expect(job.attempts.allSatisfy { $0.finishedAt != nil && $0.durationMilliseconds != nil })
        }
    }

    @Test func `the default schedule waits five seconds first, ten percent more or less`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(path: "/status/500")
            try await system.publish(Plans.owner(key: "default", targets: [target.id]))
            let retry = try await system.events.wait(type: "job.retrying")[0]
            let job = try await system.onlyJob(of: retry)
            let finished = try #require(job.attempts.first?.finishedAt)
            #expect((4_500...5_500).contains(try Self.nextAttempt(retry).milliseconds(since: finished)))
            #expect(job.summary.job.maxAttempts == 10)
            #expect(job.summary.job.status == .retrying)
        }
    }

    @Test(arguments: [
        (429, "2", nil), (503, "2", nil),
        (503, "Mon, 06 Apr 2026 10:00:02 GMT", "Mon, 06 Apr 2026 10:00:00 GMT"),
    ])
    func `Retry-After is honoured in full`(status: Int, retryAfter: String, date: String?) async throws {
        try await TestSystem.with { system in
            var headers = [("retry-after", retryAfter)]
            if let date { headers.append(("date", date)) }
            system.receiver.respond(at: "/busy", with: .status(status, headers: headers))
            let target = try await system.createTarget(
                path: "/busy", settings: ["retry": Self.schedule("[0.1,0.1]")])
            try await system.publish(Plans.owner(key: "busy", targets: [target.id]))
            let retry = try await system.events.wait(type: "job.retrying")[0]
            system.receiver.respond(at: "/busy", with: .accept)
            let completed = try await system.events.wait(type: "plan.completed")[0]
            let job = try await system.onlyJob(of: completed)
            let finished = try #require(job.attempts.first?.finishedAt)
            let due = try Self.nextAttempt(retry)
            #expect(due.milliseconds(since: finished) == 2_000)
            try #require(system.receiver.count() == 2)
            #expect(system.receiver.requests()[1].wallNanoseconds / 1_000_000 >= due.milliseconds)
            #expect(job.summary.job.status == .succeeded)
        }
    }

    @Test func `410 disables the target, its jobs wait, and enabling delivers them`() async throws {
        try await TestSystem.with { system in
            system.receiver.respond(at: "/gone", with: .status(410))
            let target = try await system.createTarget(path: "/gone")
            let other = try await system.createTarget(path: "/other")
            try await system.publish(Plans.owner(key: "gone", targets: [target.id]))
            try await system.events.wait(type: "target.disabled")
            let waiting = try await system.ask(Plans.owner(key: "late", targets: [target.id]))
            #expect(waiting.planID != nil)
            try await system.deliverMarker("marker", to: other)
            #expect(system.receiver.count(at: "/gone") == 1)
            let disabled = try system.service.useCases.target(target.id, domainID: TestSystem.domain)
            #expect(!disabled.isActive)

            system.receiver.respond(at: "/gone", with: .accept)
            _ = try await system.service.useCases.enableTarget(target.id, domainID: TestSystem.domain)
            try await system.events.wait(for: 3, type: "plan.completed")
            #expect(system.receiver.count(at: "/gone") == 3)
            let first = try #require(system.receiver.requests(at: "/gone").first)
            #expect(system.receiver.requests(at: "/gone").count { $0.deliveryID == first.deliveryID } == 2)
        }
    }

    @Test func `a status that is permanent here ends the job at once`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(
                path: "/status/404", settings: ["permanentStatusCodes": .array([404])])
            try await system.publish(Plans.owner(key: "lost", targets: [target.id]))
            let failed = try await system.events.wait(type: "job.failed")[0]
            #expect(failed.data["error"]?.objectValue?["code"]?.stringValue == "HTTP_STATUS")
            let job = try await system.onlyJob(of: failed)
            #expect(job.summary.job.status == .failed)
            #expect(job.attempts.count == 1)
            try await system.deliverMarker("marker", to: try await system.createTarget())
            #expect(system.receiver.count(at: "/status/404") == 1)
        }
    }

    @Test func `a job that has used up its schedule becomes a dead letter as the contract has it`() async throws {
        try await TestSystem.with { system in
            let letters = try await QueueReader(system.client, queue: "distribution.dead.webhook")
            let target = try await system.createTarget(
                path: "/status/500?token=the-query-secret", settings: ["retry": Self.schedule("[0.1]")])
            try await system.publish(Plans.owner(key: "dead", targets: [target.id]))
            let completed = try await system.events.wait(type: "plan.completed")[0]
            #expect(completed.plan["status"]?.stringValue == "failed")
            let job = try await system.onlyJob(of: completed)
            let letter = try await letters.next()
            let row = job.summary.job
            #expect(letter.exchange == "distribution.dead")
            #expect(letter.routingKey == "webhook.\(target.id)")
            #expect(letter.body == system.receiver.requests().first?.body)
            #expect(letter.properties.messageID == row.deliveryID.text)
            #expect(letter.properties.type == "distribution.job")
            #expect(letter.properties.contentType == "application/json")
            #expect(letter.properties.deliveryMode == 2)
            let expected: [(String, String)] = [
                ("x-job-id", "\(row.id)"), ("x-plan-id", "\(row.planID)"), ("x-target-id", "\(target.id)"),
                ("x-domain-id", "1"), ("x-channel", "webhook"), ("x-epoch", "\(row.epoch)"),
                ("x-error-code", "HTTP_STATUS"), ("x-error", "HTTP 500"), ("x-attempts", "2"),
                ("x-status-code", "500"),
                ("x-first-attempt-at", try #require(job.attempts.first?.startedAt.iso8601)),
                ("x-dead-at", try #require(job.attempts.last?.finishedAt?.iso8601)),
            ]
            for (name, value) in expected { #expect(letter.header(name) == value, "\(name)") }
            let names = letter.properties.headers.map(\.name)
            #expect(!names.contains { $0.hasPrefix("x-death") || $0.hasPrefix("x-first-death") })
            #expect(!names.contains { $0.hasPrefix("d") && Int($0.dropFirst()) != nil })
            #expect(!"\(letter.properties)".contains("the-query-secret"))
        }
    }

    @Test func `a secret that was rotated serves the jobs that wait`() async throws {
        try await TestSystem.with { system in
            let old = Secret("whsec_" + Base64.encode(Array(repeating: 1, count: 32)))
            let new = Secret("whsec_" + Base64.encode(Array(repeating: 2, count: 32)))
            system.receiver.respond(at: "/rotated", with: .status(503))
            let target = try await system.createTarget(
                path: "/rotated",
                settings: [
                    "retry": Self.schedule("[0.4,0.4,0.4,0.4,0.4,0.4,0.4,0.4]"),
                    "credentials": .object(["secret": .string(old.reveal())]),
                ])
            try await system.publish(Plans.owner(key: "rotated", targets: [target.id]))
            try await system.events.wait(type: "job.retrying")
            let change = try TargetDecoder.decodeUpdate([
                "credentials": .object(["secret": .string(new.reveal())])
            ])
            _ = try await system.service.useCases.updateTarget(target.id, change, domainID: TestSystem.domain)
            system.receiver.respond(at: "/rotated", with: .accept)
            try await system.events.wait(type: "plan.completed")
            let requests = system.receiver.requests()
            try Signatures.check(try #require(requests.first), secret: old)
            try Signatures.check(try #require(requests.last), secret: new)
        }
    }

    static func schedule(_ seconds: String) -> JSON {
        .object(["scheduleSeconds": (try? JSON.parse(seconds)) ?? .null, "jitter": 0])
    }

    static func nextAttempt(_ event: EventLog.Event) throws -> Timestamp {
        let text = try #require(event.job["nextAttemptAt"]?.stringValue)
        return try #require(Timestamp(iso8601: text))
    }
}
