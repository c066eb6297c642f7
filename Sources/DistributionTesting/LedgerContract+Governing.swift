import Distribution
import Testing

extension LedgerContract {
    static let governing: [Part] = [
        Part("a job that its target puts off keeps its place in the schedule") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared(maxAttempts: 2))
            var now = Sample.now
            for round in 1...4 {
                let grant = try await scenario.begin(jobIDs[0], at: now)
                #expect((grant.number, grant.scheduleStep, grant.firstAttemptAt) == (round, 0, Sample.now))
                let until = grant.startedAt.adding(milliseconds: 5_000)
                let recorded = try await scenario.record(grant, .throttled(until: until, LedgerScenario.error))
                #expect((recorded.status, recorded.epoch) == (.retrying, Int64(round) + 1))
                #expect(recorded.nextAttemptAt == until)
                now = until
            }
            let snapshot = try await scenario.job(jobIDs[0])
            #expect((snapshot.summary.job.attempt, snapshot.summary.job.scheduleStep) == (4, 0))
            #expect(snapshot.attempts.map(\.certainty) == [.rejected, .rejected, .rejected, .rejected])
            #expect(try await scenario.eventKinds().suffix(4).allSatisfy { $0 == "job.retrying" })
        },
        Part("a pause that a target asks for is written with the attempt, told once, and only ever prolonged") {
            ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let id = scenario.targets[0].id
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            var until = Sample.now.adding(milliseconds: 5_000)
            func report(_ grant: AttemptGrant, until: Timestamp) -> AttemptReport {
                let plain = LedgerScenario.report(grant, .throttled(until: grant.startedAt, LedgerScenario.error))
                return AttemptReport(
                    grant: grant, finishedAt: plain.finishedAt, result: plain.result, certainty: plain.certainty,
                    resolution: plain.resolution, finding: .throttled(until: until, reason: "HTTP 429"))
            }
            let first = try await ledger.record(report(scenario.begin(jobIDs[0]), until: until))
            let paused = try #require(first.changedTarget)
            #expect(paused.pause == TargetPause(until: until, reason: "HTTP 429"))
            #expect(paused.revision > scenario.targets[0].revision)
            #expect(try await ledger.allTargets() == [paused])
            #expect(try await scenario.job(jobIDs[0]).summary.targetPause == paused.pause)
            let shorter = until.adding(milliseconds: -1_000)
            let second = try await ledger.record(report(scenario.begin(jobIDs[0]), until: shorter))
            #expect(second.changedTarget == nil)
            until = until.adding(milliseconds: 1_000)
            let third = try await ledger.record(report(scenario.begin(jobIDs[0]), until: until))
            #expect(third.changedTarget?.pause?.until == until)
            let kinds = try await scenario.eventKinds()
            #expect(kinds.count { $0 == "target.paused" } == 1)
            // Its jobs are owed all the same: they wait in their queue.
            #expect(try await ledger.owedJobs(after: nil, limit: 9).count == 1)
            // Once a pause is over, the next is told of again.
            let late = until.adding(milliseconds: 1)
            let grant = try await scenario.begin(jobIDs[0], at: late)
            _ = try await ledger.record(report(grant, until: late.adding(milliseconds: 5_000)))
            #expect(try await scenario.eventKinds().count { $0 == "target.paused" } == 2)
            #expect(try await ledger.updateTarget(id, TargetChange(rest: .resumed, changedAt: late))?.pause == nil)
            #expect(try await scenario.eventKinds().last == "target.resumed")
        },
        Part("an operator's pause without an end outlasts every other") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let id = scenario.targets[0].id
            let pause = TargetPause(until: nil, reason: "maintenance")
            let paused = try await ledger.updateTarget(id, TargetChange(rest: .paused(pause), changedAt: Sample.now))
            #expect(paused?.pause == pause)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            let plain = LedgerScenario.report(
                try await scenario.begin(jobIDs[0]), .throttled(until: Sample.now, LedgerScenario.error))
            let until = Sample.now.adding(milliseconds: 86_400_000)
            let recorded = try await ledger.record(
                AttemptReport(
                    grant: plain.grant, finishedAt: plain.finishedAt, result: plain.result,
                    certainty: plain.certainty, resolution: plain.resolution,
                    finding: .throttled(until: until, reason: "HTTP 429")))
            #expect(recorded.changedTarget == nil)
            #expect(try await ledger.allTargets().map(\.pause) == [pause])
            let resumed = try await ledger.updateTarget(id, TargetChange(rest: .resumed, changedAt: Sample.now))
            #expect(resumed?.pause == nil)
            let kinds = try await scenario.eventKinds()
            #expect(kinds == ["target.paused", "plan.accepted", "job.retrying", "target.resumed"])
        },
        Part("a pause that ends with time is forgotten and told of once, whoever comes first") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let id = scenario.targets[0].id
            func pause(at now: Timestamp) async throws -> Target {
                let pause = TargetPause(until: now.adding(milliseconds: 5_000), reason: "why")
                let change = TargetChange(rest: .paused(pause), changedAt: now)
                guard let paused = try await ledger.updateTarget(id, change) else {
                    throw ScenarioFailure("the target is not there")
                }
                return paused
            }
            let paused = try await pause(at: Sample.now)
            #expect(try await ledger.endPause(of: id, at: Sample.now.adding(milliseconds: 4_999)) == nil)
            let over = Sample.now.adding(milliseconds: 5_000)
            let resumed = try #require(try await ledger.endPause(of: id, at: over))
            #expect(resumed.pause == nil && resumed.revision > paused.revision)
            #expect(try await ledger.allTargets() == [resumed])
            #expect(try await ledger.endPause(of: id, at: over) == nil)
            #expect(try await scenario.eventKinds() == ["target.paused", "target.resumed"])
            // One that is over, and that nobody has looked at when the next begins.
            _ = try await pause(at: over)
            _ = try await pause(at: over.adding(milliseconds: 5_000))
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            let late = over.adding(milliseconds: 10_000)
            let plain = LedgerScenario.report(
                try await scenario.begin(jobIDs[0], at: late), .throttled(until: late, LedgerScenario.error))
            _ = try await ledger.record(
                AttemptReport(
                    grant: plain.grant, finishedAt: late, result: plain.result, certainty: plain.certainty,
                    resolution: plain.resolution,
                    finding: .throttled(until: late.adding(milliseconds: 5_000), reason: "HTTP 429")))
            _ = try await ledger.updateTarget(id, TargetChange(rest: .resumed, changedAt: late))
            let kinds = try await scenario.eventKinds().filter { $0.hasPrefix("target.") }
            #expect(kinds == Array(repeating: ["target.paused", "target.resumed"], count: 4).flatMap { $0 })
            // Without an end it does not end.
            let endless = TargetChange(rest: .paused(TargetPause(until: nil, reason: "why")), changedAt: late)
            _ = try await ledger.updateTarget(id, endless)
            #expect(try await ledger.endPause(of: id, at: late.adding(milliseconds: 86_400_000)) == nil)
            #expect(try await ledger.endPause(of: TargetID(4711), at: late) == nil)
        },
        Part("an open circuit is kept with the attempt that shows it, and forgotten by whoever ends it") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let id = scenario.targets[0].id
            let (_, jobIDs) = try await scenario.accept(scenario.prepared(maxAttempts: 9))
            let record = CircuitRecord(
                openedAt: Sample.now, probeAt: Sample.now.adding(milliseconds: 60_000), pause: 60_000)
            func note(_ circuit: CircuitNote?) async throws -> CircuitRecord? {
                let plain = LedgerScenario.report(
                    try await scenario.begin(jobIDs[0]), .retry(at: Sample.now, LedgerScenario.error))
                let recorded: RecordedAttempt = try await ledger.record(
                    AttemptReport(
                        grant: plain.grant, finishedAt: plain.finishedAt, result: plain.result,
                        certainty: plain.certainty, resolution: plain.resolution, circuit: circuit))
                // Nobody has to prepare the target anew for it.
                #expect(recorded.changedTarget == nil)
                let targets: [Target] = try await ledger.allTargets()
                return targets.first?.circuit
            }
            #expect(try await note(.open(record)) == record)
            #expect(try await note(nil) == record)
            #expect(try await note(.closed) == nil)
            for change in [
                TargetChange(rest: .resumed, changedAt: Sample.now),
                TargetChange(availability: .enabled, changedAt: Sample.now),
            ] {
                #expect(try await note(.open(record)) == record)
                #expect(try await ledger.updateTarget(id, TargetChange(name: "x", changedAt: Sample.now)) != nil)
                #expect(try await ledger.allTargets().first?.circuit == record)
                #expect(try await ledger.updateTarget(id, change)?.circuit == nil)
                #expect(try await ledger.allTargets().first?.circuit == nil)
            }
        },
        Part("since when a target fails is kept, cleared by a success, and ends in its being disabled") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared(maxAttempts: 9))
            func find(_ finding: TargetFinding) async throws -> Target? {
                let plain = LedgerScenario.report(
                    try await scenario.begin(jobIDs[0]), .retry(at: Sample.now, LedgerScenario.error))
                let report = AttemptReport(
                    grant: plain.grant, finishedAt: plain.finishedAt, result: plain.result,
                    certainty: plain.certainty, resolution: plain.resolution, finding: finding)
                let recorded: RecordedAttempt = try await ledger.record(report)
                return recorded.changedTarget
            }
            #expect(try await find(.failing(since: Sample.now))?.failingSince == Sample.now)
            #expect(try await ledger.allTargets().map(\.failingSince) == [Sample.now])
            let recovered = try #require(try await find(.recovered))
            #expect(recovered.failingSince == nil)
            _ = try await find(.failing(since: Sample.now))
            let disabled = try #require(try await find(.failedTooLong(since: Sample.now)))
            #expect(!disabled.isActive)
            #expect(disabled.disabledReason == TargetFinding.exhaustion(since: Sample.now))
            #expect(try await find(.failedTooLong(since: Sample.now)) == nil)
            #expect(try await scenario.eventKinds().count { $0 == "target.disabled" } == 1)
            let enabling = TargetChange(availability: .enabled, changedAt: Sample.now)
            let enabled = try await ledger.updateTarget(disabled.id, enabling)
            #expect(enabled?.failingSince == nil && enabled?.isActive == true)
        },
    ]
}
