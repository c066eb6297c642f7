import AMQP
import Distribution
import Foundation
import LocalReceiver
import Testing

/// A ledger and a virtual host of their own, on which one crash after the other happens.
struct CrashLane: Sendable {
    /// Seconds for which a target asks to be left alone that must outlast a restart.
    private static let longRest = 5

    private let stage: CrashStage
    private let client: Connection
    private let events: EventLog
    private let letters: DeadLetterLog

    /// Lets every case happen, in order, and records what must not be.
    static func run(_ cases: [CrashCase], url: String) async throws {
        try await CrashStage.with(url) { stage in
            try await BrokerClient.with(url) { client in
                let lane = CrashLane(
                    stage: stage, client: client, events: try await EventLog(client),
                    letters: try await DeadLetterLog(client))
                for each in cases {
                    do {
                        try await lane.run(each)
                    } catch {
                        // Of a time that is over nothing else says in which case it was spent.
                        Issue.record(error, "\(each)")
                        throw error
                    }
                }
            }
        }
    }

    private func run(_ each: CrashCase) async throws {
        events.forget()
        letters.forget()
        stage.receiver.reset()
        let after = try stage.ledger.number("SELECT max(id) FROM distribution_plans") ?? 0
        let crashes = each.startsAfterCrash ? [nil, "\(each)"] : ["\(each)"]
        let (ends, accepted) = try await StandingService.serving(stage.folder, stage.url, crashes: crashes) { service in
            try await play(each, on: service, after: after)
        }
        // The last one has stopped when it was asked to.
        #expect(ends.map(\.wasKilled) == Array(repeating: true, count: crashes.count) + [false], "\(each)")
        #expect(ends.dropLast().allSatisfy { $0.status == SIGKILL }, "\(each)")
        // What the process was told to stop in the middle of.
        if each.point == .consumptionEnded {
            try await events.wait {
                $0.type == "distribution.plan.completed" && $0.plan["idempotencyKey"]?.stringValue == "\(each) slow"
            }
        }
        let ledger = try stage.ledger
        let check = ConservationCheck(
            accepted: accepted, events: events.events, requests: stage.receiver.requests(), after: Int64(after))
        let findings = try await check.run(on: ledger) { try await letters.wait(for: $0, epoch: $1) }
        for problem in findings.problems { Issue.record("\(each): \(problem)") }
        if each.leavesDoubt { #expect(findings.ambiguous > 0, "\(each): no attempt is called ambiguous") }
        if each.point == .attemptAnswered { #expect(findings.repeated > 0, "\(each): nothing was sent again") }
        #expect(try ledger.number("SELECT count(*) FROM event_outbox") == 0, "\(each)")
        try checkRuns(each, ledger)
        try checkPauses(each, ledger, after: after)
        let refusals = "SELECT count(*) FROM distribution_attempts AS a JOIN distribution_jobs AS j ON j.id = a.jobId"
        let isGone = "WHERE a.statusCode = 410 AND j.planId > \(after)"
        #expect(try ledger.number("\(refusals) \(isGone)") ?? 0 <= 1, "\(each): a target that is gone was asked again")
        let told = events.events.filter { $0.type == "distribution.plan.rejected" }
        let refused = Dictionary(grouping: told) { $0.plan["idempotencyKey"]?.stringValue }
        #expect(Set(refused.keys) == ["\(each) refused"], "\(each): what was accepted is told of as refused")
        let isOnce = refused.values.allSatisfy { Set($0.map(\.messageID)).count == 1 }
        #expect(isOnce, "\(each): a refusal is told of more than once")
    }

    /// Every run is done, the replay is one however often it was asked for, and what was purged is gone.
    private func checkRuns(_ each: CrashCase, _ ledger: LedgerFile) throws {
        let runs = try ledger.counts("SELECT status, count(*) FROM dead_letter_runs GROUP BY status")
        #expect(Array(runs.keys) == ["done"], "\(each)")
        let replays = try ledger.counts(
            "SELECT idempotencyKey, count(*) FROM dead_letter_runs WHERE kind = 'replay' GROUP BY idempotencyKey")
        #expect(replays["\(each) dead"] == 1 && replays.values.allSatisfy { $0 == 1 }, "\(each)")
        let left = "SELECT count(*) FROM distribution_jobs WHERE deadLetter = 'purged' AND payloadId IS NOT NULL"
        #expect(try ledger.number(left) == 0, "\(each)")
    }

    /// No attempt begins while a target has asked to be left alone, and each pause and its end is told of once.
    private func checkPauses(_ each: CrashCase, _ ledger: LedgerFile, after: Int) throws {
        let rest = each.point == .pauseRecorded ? Self.longRest : 1
        let intrusions = """
            SELECT count(*) FROM distribution_attempts AS asked
            JOIN distribution_attempts AS next ON next.startedAt > asked.finishedAt
            JOIN distribution_jobs AS a ON a.id = asked.jobId JOIN distribution_jobs AS n ON n.id = next.jobId
            WHERE a.planId > \(after) AND asked.statusCode = 429 AND a.targetId = n.targetId
                AND (julianday(next.startedAt) - julianday(asked.finishedAt)) * 86400 < \(rest) - 0.001
            """
        #expect(try ledger.number(intrusions) == 0, "\(each): a target that asked to be left alone was not")
        let isCertain = [.pauseRecorded, .pauseEnded].contains(each.point)
        for kind in ["target.paused", "target.resumed"] {
            let told = events.events.filter { $0.type == "distribution.\(kind)" }
            for target in [stage.targets.busy, stage.targets.held] {
                let ids = Set(told.filter { $0.target == target }.map(\.messageID))
                // Where a crash took the answer of the busy one, it is asked again when it accepts everything.
                let isEnough = ids.count == 1 || (ids.isEmpty && target == stage.targets.busy && !isCertain)
                #expect(isEnough, "\(each): \(kind) of target \(target) is told of as \(ids)")
            }
        }
    }

    private func play(_ each: CrashCase, on service: StandingService, after: Int) async throws -> [String: Int] {
        var story = CrashStory(
            crash: each, service: service, targets: stage.targets, receiver: stage.receiver, client: client,
            events: events,
            letters: letters)
        // However long a service under load takes to accept it, its time must not have passed by then.
        if each.point == .scheduledJobsRead { story.lead = 8_000 }
        // The pause must still hold however long the next process takes to start.
        if each.point == .pauseRecorded { story.rest = Self.longRest }
        let prelude = each.startsAfterCrash ? try await story.playPrelude() : [:]
        let accepted = try await story.play().merging(prelude) { $1 }
        try await checkShown(each, on: service, after: after)
        guard each.point == .consumptionEnded else { return accepted }
        return accepted.merging(try await story.playAtTheEnd()) { $1 }
    }

    /// What a crash left in doubt is shown so to whoever asks for the job.
    private func checkShown(_ each: CrashCase, on service: StandingService, after: Int) async throws {
        let record = try LedgerRecord(try stage.ledger, after: Int64(after))
        for job in record.jobs {
            guard let attempts = record.attempts[job.id], attempts.contains(where: { $0.certainty == "ambiguous" })
            else {
                continue
            }
            let answer = try await service.call("GET", "/jobs/\(job.id)")
            let shown = answer.data["attempts"]?.arrayValue?.map { $0.objectValue?["certainty"]?.stringValue }
            #expect(shown == attempts.map(\.certainty), "\(each): job \(job.id)")
        }
    }
}
