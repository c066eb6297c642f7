import AMQP
import Distribution
import LocalReceiver
import Orchestrator
import Testing

/// Everything that can happen to a plan, once: accepted, refused, retried, dead and replayed, moved or purged, orphaned,
/// called off.
///
/// The teller does not notice that the service dies: messages wait at the broker, calls are made again.
struct CrashStory: Sendable {
    let crash: CrashCase
    let service: StandingService
    let targets: CrashTargets
    let receiver: Receiver
    let client: Connection
    let events: EventLog
    let letters: DeadLetterLog
    /// Milliseconds from its sending to the time of the plan that has one.
    var lead: Int64 = 300
    /// Seconds for which a target asks to be left alone.
    var rest = 1

    /// - Returns: The plans that it has sent, by key, with the number of their targets.
    func play() async throws -> [String: Int] {
        receiver.respond(at: CrashTargets.gonePath, with: .status(410))
        receiver.respond(at: CrashTargets.busyPath, with: .status(429, headers: [("retry-after", "\(rest)")]))
        try await loseForGood()
        let later = SystemTime().now().adding(milliseconds: lead)
        try await send([
            plan("flaky", [targets.good, targets.flaky]), plan("dead", [targets.deadly, targets.doomed]),
            plan("moved", [targets.deadly]), plan("purged", [targets.doomed, targets.hopeless]),
            plan("patient", [targets.patient]),
            plan("gone", [targets.gone]), plan("busy", [targets.busy]),
            plan("later", [targets.good], ["scheduledAt": .string(later.iso8601)]),
            plan("refused", [TargetID(4711)]),
        ])
        try await beLeftAlone()
        try await holdBack()
        try await copyAndOrphan()
        try await reviveTarget()
        try await replayByHand()
        try await moveLetter()
        try await purge()
        for part in ["flaky", "later", "busy", "eager"] { try await completed(part) }
        for target in [targets.busy, targets.held] { try await pauseEnds(of: target) }
        try await told("refused") { $0.type == "distribution.plan.rejected" }
        return [
            key("lost"): 1, key("flaky"): 2, key("dead"): 2, key("moved"): 1, key("purged"): 2, key("patient"): 1,
            key("gone"): 1, key("later"): 1, key("busy"): 1, key("eager"): 1, key("held"): 1, key("recalled"): 1,
            key("still"): 1,
        ]
    }

    /// Sends a plan whose delivery takes a while, and has the service killed in the middle of it.
    func playPrelude() async throws -> [String: Int] {
        try await send([plan("slow", [targets.slow])])
        await receiver.waitForRequests(1, at: CrashTargets.slowPath)
        await service.crash()
        try await completed("slow")
        return [key("slow"): 1]
    }

    /// Sends a plan whose delivery takes a while, and returns in the middle of it.
    func playAtTheEnd() async throws -> [String: Int] {
        try await send([plan("slow", [targets.slow])])
        await receiver.waitForRequests(1, at: CrashTargets.slowPath)
        return [key("slow"): 1]
    }

    /// A plan that fails for good while nothing else goes on: whatever a crash has left undone of it, nothing but the
    /// start of the next process sees to.
    private func loseForGood() async throws {
        try await send([plan("lost", [targets.hopeless])])
        try await showLetters(of: "lost", jobs: 1)
    }

    /// A target that asks to be left alone, and a job that comes to it meanwhile.
    private func beLeftAlone() async throws {
        try await told("busy") { ["distribution.job.retrying", "distribution.job.succeeded"].contains($0.type) }
        receiver.respond(at: CrashTargets.busyPath, with: .accept)
        try await send([plan("eager", [targets.busy])])
        guard crash.point == .pauseRecorded else { return }
        try await told("eager") { $0.type == "distribution.plan.accepted" }
        let shown = try await service.call("GET", "/targets/\(targets.busy)")
        #expect(shown.data["pausedUntil"]?.stringValue != nil, "\(crash): \(shown.text)")
    }

    /// A target that an operator pauses, and a job that comes to it before it is resumed.
    private func holdBack() async throws {
        let path = "/targets/\(targets.held)"
        if try await service.callOnce("POST", "\(path)/pause", ["reason": "stocktaking"]) == nil {
            let shown = try await service.call("GET", path)
            let isHeld = shown.data["pauseReason"]?.stringValue == "stocktaking"
            #expect(isHeld || crash.point != .pauseCommitted, "\(crash): \(shown.text)")
            if !isHeld { _ = try await service.call("POST", "\(path)/pause", ["reason": "stocktaking"]) }
        }
        try await send([plan("held", [targets.held])])
        try await told("held") { $0.type == "distribution.plan.accepted" }
        try await waits(at: targets.held)
        try await loseQueue(of: targets.held)
        try await waits(at: targets.held)
        #expect(receiver.count(at: CrashTargets.heldPath) == 0, "\(crash): a paused target was delivered to")
        _ = try await service.call("POST", "\(path)/resume")
        try await completed("held")
    }

    /// Whatever was told of its beginning, the end of a pause is told of as well, if later than what it let go.
    private func pauseEnds(of target: TargetID) async throws {
        try await events.wait(until: { all in
            let told = all.filter { $0.target == target }
            return !told.contains { $0.type == "distribution.target.paused" }
                || told.contains { $0.type == "distribution.target.resumed" }
        })
    }

    /// Returns once a job waits in the queue of a target that nobody consumes. Nothing tells of it, so the queue is
    /// looked at for as long as nothing is delivered.
    private func waits(at target: TargetID) async throws {
        let queue = "distribution.jobs.webhook.\(target)"
        while receiver.count(at: CrashTargets.heldPath) == 0 {
            try Task.checkCancellation()
            let info = try await client.withChannel { try await $0.declareQueue(name: queue, passive: true) }
            if info.messageCount > 0, info.consumerCount == 0 { return }
        }
    }

    /// Makes an orphan of the job that waits for a target: nothing of it is in its queue any more.
    private func loseQueue(of target: TargetID) async throws {
        let queue = "distribution.jobs.webhook.\(target)"
        while receiver.count(at: CrashTargets.heldPath) == 0 {
            try Task.checkCancellation()
            let job = try await client.withChannel { channel in
                let delivery = try await channel.get(queue: queue)
                delivery?.ack()
                _ = try await channel.declareQueue(name: queue, passive: true)
                return delivery
            }
            guard let job else { continue }
            return try await send([
                OutgoingMessage(
                    exchange: "distribution.orphans", routingKey: job.routingKey, properties: job.properties,
                    body: job.body)
            ])
        }
    }

    /// A copy that comes early, a plan that is called off, and a retry by hand.
    private func copyAndOrphan() async throws {
        let failed = try await told("patient") { Self.waitsOrEnded($0) }
        let job = try JobCopy(
            of: failed.job["id"]?.integerValue ?? 0, in: try LedgerFile(folder: service.folder), receiver)
        try await send([job.message(to: "distribution.jobs")])
        // One at a time and in order: behind this plan the copy has been looked at.
        try await send([plan("recalled", [targets.patient])])
        try await told("recalled") { Self.waitsOrEnded($0) }
        try await send([cancellation("recalled")])
        try await told("recalled") {
            ["distribution.plan.cancelled", "distribution.plan.completed"].contains($0.type)
        }
        // Where it was committed it need not be asked for again.
        if try await service.callOnce("POST", "/jobs/\(job.id)/retry") == nil, crash.point != .retryCommitted {
            _ = try await service.call("POST", "/jobs/\(job.id)/retry")
        }
        try await completed("patient")
    }

    /// A target that was gone for good comes back.
    private func reviveTarget() async throws {
        try await events.wait(until: { all in
            all.contains { $0.type == "distribution.target.disabled" } || isCompleted("gone", all)
        })
        // By then a process that would ask it again has done so.
        try await send([plan("still", [targets.good])])
        try await completed("still")
        receiver.respond(at: CrashTargets.gonePath, with: .accept)
        _ = try await service.call("POST", "/targets/\(targets.gone)/enable")
        try await completed("gone")
    }

    /// Dead letters that are replayed over the API, one after the other.
    private func replayByHand() async throws {
        let dead = try await told("dead") { $0.type == "distribution.plan.completed" }
        try await showLetters(of: "dead", jobs: 2)
        _ = try await service.call(
            "POST", "/dead-letters/replay",
            [
                "planId": .integer(dead.plan["id"]?.integerValue ?? 0), "idempotencyKey": .string(key("dead")),
                "ratePerSecond": 5,
            ])
        try await completed("dead")
    }

    /// Dead letters that nobody wants any more, one after the other.
    private func purge() async throws {
        let dead = try await told("purged") { $0.type == "distribution.plan.completed" }
        try await showLetters(of: "purged", jobs: 2)
        let plan = dead.plan["id"]?.integerValue ?? 0
        let path = "/dead-letters?planId=\(plan)&ratePerSecond=5"
        var accepted = try await service.callOnce("DELETE", path)?.data
        // Where a step of it was committed it need not be asked for again.
        if accepted == nil, crash.point == .purgeStepCommitted {
            accepted = try await service.call("GET", "/dead-letters/purges").list.first
        }
        if accepted == nil { accepted = try await service.call("DELETE", path).data }
        let run = accepted?["id"]?.integerValue ?? 0
        while try await service.call("GET", "/dead-letters/purges/\(run)").data["status"]?.stringValue == "running" {
            try Task.checkCancellation()
        }
    }

    /// A dead letter that an operator moves back to the jobs.
    private func moveLetter() async throws {
        let dead = try await told("moved") { $0.type == "distribution.job.failed" }
        try await showLetters(of: "moved", jobs: 1)
        let letter = try await letters.wait(for: dead.job["id"]?.integerValue ?? 0)
        try await send([
            OutgoingMessage(
                exchange: "distribution.jobs", routingKey: letter.routingKey, properties: letter.properties,
                body: letter.body)
        ])
        try await completed("moved")
    }

    /// Returns once the dead letters of a plan's jobs can be read, and the ledger knows so.
    private func showLetters(of part: String, jobs: Int) async throws {
        let key = key(part)
        @Sendable func failed(_ all: [EventLog.Event]) -> Set<Int64> {
            let ofPlan = all.filter { $0.plan["idempotencyKey"]?.stringValue == key }
            return Set(ofPlan.filter { $0.type == "distribution.job.failed" }.compactMap { $0.job["id"]?.integerValue })
        }
        try await events.wait(until: { failed($0).count >= jobs })
        let ledger = try LedgerFile(folder: service.folder)
        for job in failed(events.events).sorted() {
            _ = try await letters.wait(for: job)
            // Nothing tells of it.
            while try ledger.text("SELECT deadLetter FROM distribution_jobs WHERE id = ?", job) == "owed" {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    // MARK: Words

    private func key(_ part: String) -> String { "\(crash) \(part)" }

    private func plan(_ part: String, _ targets: [TargetID], _ changes: JSONObject = [:]) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "distribution.plans", routingKey: "plan.requested",
            body: JSON.object(Plans.owner(key: key(part), targets: targets, changes: changes)).serialized())
    }

    private func cancellation(_ part: String) -> OutgoingMessage {
        OutgoingMessage(
            exchange: "distribution.plans", routingKey: "plan.cancel",
            body: JSON.object(["domainId": 1, "idempotencyKey": .string(key(part))]).serialized())
    }

    private func send(_ messages: [OutgoingMessage]) async throws {
        let results = await client.makePublisher().publish(messages)
        guard results.allSatisfy({ $0 == .confirmed }) else { throw SystemTestError("The broker took \(results).") }
    }

    /// The first event of a plan that is such a one, waited for.
    @discardableResult
    private func told(_ part: String, _ isIt: @Sendable (EventLog.Event) -> Bool) async throws -> EventLog.Event {
        let key = key(part)
        let told = try await events.wait { $0.plan["idempotencyKey"]?.stringValue == key && isIt($0) }
        return told[0]
    }

    private func completed(_ part: String) async throws {
        try await events.wait(until: { isCompleted(part, $0) })
    }

    private func isCompleted(_ part: String, _ events: [EventLog.Event]) -> Bool {
        let key = key(part)
        return events.contains {
            $0.type == "distribution.plan.completed" && $0.plan["idempotencyKey"]?.stringValue == key
                && $0.plan["status"]?.stringValue == "succeeded"
        }
    }

    /// Whether a job of the patient target waits for its hour, or has succeeded since a crash took one of its attempts.
    private static func waitsOrEnded(_ event: EventLog.Event) -> Bool {
        guard event.type == "distribution.job.retrying" else { return event.type == "distribution.job.succeeded" }
        let next = event.job["nextAttemptAt"]?.stringValue.flatMap { Timestamp(iso8601: $0) }
        return next.map { $0 > SystemTime().now().adding(milliseconds: 60_000) } ?? false
    }
}
