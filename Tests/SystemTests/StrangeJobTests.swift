import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("Job messages that Clawcast did not write", .timeLimit(.minutes(2)))
struct StrangeJobTests {
    /// A job message that is right, and ways to make it wrong.
    private struct Forgery {
        let name: String
        var headers: FieldTable
        var messageID: String?
        var body: [UInt8]
        var routingKey: String

        func with(_ name: String, _ change: (inout Forgery) -> Void) -> Forgery {
            var copy = self
            change(&copy)
            return Forgery(
                name: name, headers: copy.headers, messageID: copy.messageID, body: copy.body,
                routingKey: copy.routingKey)
        }

        /// As the broker would hand out the present message of this job.
        static func genuine(_ job: Job, body: [UInt8]) -> Forgery {
            Forgery(
                name: "genuine",
                headers: [
                    "x-job-id": .int64(job.id.rawValue), "x-plan-id": .int64(job.planID.rawValue),
                    "x-target-id": .int64(job.targetID.rawValue), "x-domain-id": .int64(job.domainID.rawValue),
                    "x-channel": .string(job.channelType.rawValue), "x-epoch": .int64(job.epoch),
                    "x-attempt": .int64(Int64(job.attempt + 1)),
                ],
                messageID: job.deliveryID.text, body: body, routingKey: "webhook.\(job.targetID)")
        }

        func variations(otherTarget: TargetID) -> [Forgery] {
            let missing = headers.filter { $0.name != "x-attempt" }.map { field in
                with("without \(field.name)") { $0.headers[field.name] = nil }
            }
            return missing + [
                with("no headers") { $0.headers = [:] },
                with("no delivery id") { $0.messageID = nil },
                with("another delivery id") { $0.messageID = "msg_01890a5d-ac96-774b-bcce-b302099a8057" },
                with("unknown job") { $0.headers["x-job-id"] = .int64(987_654) },
                with("another plan") { $0.headers["x-plan-id"] = .int64(987_654) },
                with("another domain") { $0.headers["x-domain-id"] = .int64(2) },
                with("negative id") { $0.headers["x-job-id"] = .int64(-1) },
                with("text for a number") { $0.headers["x-epoch"] = .string("one") },
                with("a future epoch") { $0.headers["x-epoch"] = .int64(99) },
                with("wrong bytes") { $0.body.append(0x20) },
                with("another target's queue") { $0.routingKey = "webhook.\(otherTarget)" },
                with("another target's queue, headers and all") { forgery in
                    forgery.routingKey = "webhook.\(otherTarget)"
                    forgery.headers["x-target-id"] = .int64(otherTarget.rawValue)
                },
            ]
        }

        var message: OutgoingMessage {
            OutgoingMessage(
                exchange: "distribution.jobs", routingKey: routingKey,
                properties: MessageProperties(
                    contentType: "application/json", headers: headers, messageID: messageID,
                    type: "distribution.job"),
                body: body)
        }
    }

    @Test func `whatever does not match the ledger is put into quarantine and never attempted`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(
                path: "/status/500", settings: ["retry": RetryTests.schedule("[3600,3600]")])
            let other = try await system.createTarget(path: "/other")
            try await system.publish(Plans.owner(key: "real", targets: [target.id]))
            let job = try await system.onlyJob(of: try await system.events.wait(type: "job.retrying")[0])
            let body = try #require(system.receiver.requests().first?.body)
            let letters = try await QueueReader(system.client, queue: "distribution.dead.webhook")
            let publisher = system.client.makePublisher()
            let genuine = Forgery.genuine(job.summary.job, body: body)
            for forgery in genuine.variations(otherTarget: other.id) {
                #expect(await publisher.publish(forgery.message) == .confirmed, "\(forgery.name)")
                let letter = try await letters.next()
                #expect(letter.header("x-error-code") == "JOB_MISMATCH", "\(forgery.name)")
                #expect(letter.header("x-error")?.isEmpty == false, "\(forgery.name)")
                #expect(letter.body == forgery.body, "\(forgery.name)")
                #expect(letter.routingKey == forgery.routingKey, "\(forgery.name)")
            }
            try await system.deliverMarker("marker", to: other)
            #expect(system.receiver.count(at: "/status/500") == 1)
            #expect(system.receiver.count(at: "/other") == 1)
            let after = try await system.service.useCases.job(job.summary.job.id, domainID: TestSystem.domain)
            #expect(after.attempts == job.attempts)
            #expect(after.summary.job.status == .retrying)
            #expect(after.summary.job.epoch == job.summary.job.epoch)
        }
    }

    @Test func `a copy of a job that is done, and one of an earlier epoch, are let go`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(
                path: "/fail-first/1/503", settings: ["retry": RetryTests.schedule("[0.1]"), "maxInFlight": 1])
            try await system.publish(Plans.owner(key: "done", targets: [target.id]))
            let job = try await system.onlyJob(of: try await system.events.wait(type: "plan.completed")[0])
            let body = try #require(system.receiver.requests().first?.body)
            let copy = Forgery.genuine(job.summary.job, body: body)
            let old = copy.with("old") { $0.headers["x-epoch"] = .int64(job.summary.job.epoch - 1) }
            let results = await system.client.makePublisher().publish([copy.message, old.message])
            #expect(results == [.confirmed, .confirmed])
            // One message at a time and in order: behind the marker nothing is left of the copies.
            try await system.deliverMarker("marker", to: target)
            #expect(system.receiver.requests().count { $0.deliveryID == copy.messageID } == 2)
            #expect(try await system.depth("distribution.dead.webhook") == 0)
            #expect(try await system.depth("distribution.jobs.webhook.\(target.id)") == 0)
        }
    }

    @Test func `a copy that comes early waits for the job's time, and makes no second delivery`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(
                path: "/fail-first/1/503", settings: ["retry": RetryTests.schedule("[3]"), "maxInFlight": 1])
            try await system.publish(Plans.owner(key: "early", targets: [target.id]))
            let retry = try await system.events.wait(type: "job.retrying")[0]
            let job = try await system.onlyJob(of: retry)
            let body = try #require(system.receiver.requests().first?.body)
            let copy = Forgery.genuine(job.summary.job, body: body)
            // Only the copies are left, so that they must do.
            try await system.client.withChannel { channel in
                for level in 0..<23 { _ = try await channel.purgeQueue(name: "distribution.delay.\(level)") }
            }
            #expect(
                await system.client.makePublisher().publish([copy.message, copy.message]) == [.confirmed, .confirmed])
            try await system.events.wait(type: "plan.completed")
            let requests = system.receiver.requests()
            let due = try RetryTests.nextAttempt(retry)
            try #require(requests.count == 2)
            #expect(requests[1].wallNanoseconds / 1_000_000 >= due.milliseconds)
            // The copies went through the ladder as well; a job that takes longer is behind them.
            try await system.deliverMarker("marker", to: target)
            #expect(system.receiver.requests().count { $0.deliveryID == copy.messageID } == 2)
            #expect(try await system.depth("distribution.dead.webhook") == 0)
        }
    }

    @Test func `a copy that comes while its job is in flight is held, and never sent`() async throws {
        try await TestSystem.with { system in
            system.receiver.respond(at: "/slow", with: .delay(milliseconds: 600, then: .accept))
            let target = try await system.createTarget(path: "/slow")
            let plan = try await system.ask(Plans.owner(key: "slow", targets: [target.id]))
            await system.receiver.waitForRequests(1)
            let planID = PlanID(try #require(plan.planID))
            let snapshot = try await system.service.useCases.plan(planID, domainID: TestSystem.domain)
            let job = try #require(snapshot.jobs.first?.job)
            #expect(job.status == .running)
            let copy = Forgery.genuine(job, body: try #require(system.receiver.requests().first?.body))
            #expect(await system.client.makePublisher().publish(copy.message) == .confirmed)
            try await system.events.wait(type: "plan.completed")
            try await system.deliverMarker("marker", to: target)
            #expect(system.receiver.requests().count { $0.deliveryID == copy.messageID } == 1)
            #expect(try await system.depth("distribution.dead.webhook") == 0)
        }
    }

    @Test func `a job of a deleted target is cancelled, and its message is let go`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(
                path: "/status/500", settings: ["retry": RetryTests.schedule("[1,3600]")])
            let other = try await system.createTarget(path: "/other")
            try await system.publish(Plans.owner(key: "orphan", targets: [target.id]))
            let retry = try await system.events.wait(type: "job.retrying")[0]
            _ = try await system.service.useCases.deleteTarget(target.id, domainID: TestSystem.domain)
            let completed = try await system.events.wait(type: "plan.completed")[0]
            let job = try await system.onlyJob(of: retry)
            #expect(job.summary.job.status == .cancelled)
            #expect(completed.plan["id"] == retry.plan["id"])
            // A second plan outlives the delayed message, which the broker hands out after a second.
            let slow = try await system.createTarget(
                path: "/fail-first/1/503", settings: ["retry": RetryTests.schedule("[1.5]")])
            try await system.deliverMarker("marker", to: slow)
            try await system.deliverMarker("other", to: other)
            #expect(system.receiver.count(at: "/status/500") == 1)
            #expect(try await system.depth("distribution.orphans") == 0)
            #expect(try await system.depth("distribution.dead.webhook") == 0)
        }
    }

    @Test func `an orphan that claims nothing true is put into quarantine as well`() async throws {
        try await TestSystem.with { system in
            let letters = try await QueueReader(system.client, queue: "distribution.dead.webhook")
            let message = OutgoingMessage(
                exchange: "distribution.jobs", routingKey: "webhook.987654", body: Array("{}".utf8))
            #expect(await system.client.makePublisher().publish(message) == .confirmed)
            let letter = try await letters.next()
            #expect(letter.header("x-error-code") == "JOB_MISMATCH")
            #expect(letter.body == Array("{}".utf8))
            #expect(try await system.depth("distribution.orphans") == 0)
        }
    }
}
