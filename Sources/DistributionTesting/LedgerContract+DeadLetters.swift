package import Distribution
import Testing

extension LedgerScenario {
    /// Plans of which every job has died, a second apart.
    package func deadPlans(_ count: Int, key: String = "dead", body: String = "{}") async throws -> [(
        plan: PlanID, jobs: [JobID]
    )] {
        var plans: [(plan: PlanID, jobs: [JobID])] = []
        for number in 0..<count {
            let now = Sample.now.adding(milliseconds: Int64(number) * 1_000)
            let plan = try await accept(prepared(key: "\(key)-\(number)", body: body, at: now))
            for id in plan.jobs { try await record(begin(id, at: now), .failed(Self.error), at: now) }
            plans.append(plan)
        }
        return plans
    }

    package func start(
        _ kind: DeadLetterRun.Kind, _ selection: DeadLetterSelection = DeadLetterSelection(), key: String? = nil,
        limit: Int? = nil, at time: Timestamp = Sample.now.adding(milliseconds: 60_000)
    ) async throws -> DeadLetterRun {
        let new = NewDeadLetterRun(
            domainID: Self.domain, kind: kind, selection: selection, idempotencyKey: key, limit: limit)
        let count = try await ledger.countDeadLetters(domainID: Self.domain, selection, for: kind)
        let acceptance = try await ledger.createDeadLetterRun(new, total: count.handled + count.skipped, at: time)
        guard case .created(let run) = acceptance else { throw ScenarioFailure("the run got \(acceptance)") }
        return run
    }

    /// Carries a run out in steps of `limit`.
    package func finish(_ run: DeadLetterRun, limit: Int = 200) async throws -> DeadLetterRun {
        var run = run
        let now = run.createdAt.adding(milliseconds: 1_000)
        while let step = try await ledger.advanceDeadLetterRun(run.id, limit: limit, at: now) { run = step.run }
        return run
    }
}

extension LedgerContract {
    static let runs: [Part] = [
        Part("a replay takes what its filter says, in steps, each letter once; counting changes nothing") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let domain = LedgerScenario.domain
            let jobIDs = try await scenario.deadPlans(4).flatMap(\.jobs)
            _ = try await ledger.deleteTarget(scenario.targets[2].id)
            func count(_ selection: DeadLetterSelection) async throws -> DeadLetterCount {
                try await ledger.countDeadLetters(domainID: domain, selection, for: .replay)
            }
            #expect(try await count(DeadLetterSelection()) == DeadLetterCount(handled: 8, skipped: 4))
            #expect(try await count(DeadLetterSelection(errorCode: .timeout)).handled == 0)
            #expect(try await count(DeadLetterSelection(channelType: .feed)).handled == 0)
            let old = DeadLetterSelection(diedBefore: Sample.now.adding(milliseconds: 1_000))
            #expect(try await count(old) == DeadLetterCount(handled: 2, skipped: 1))
            let second = JobFilter(
                diedFrom: Sample.now.adding(milliseconds: 1_000), diedBefore: Sample.now.adding(milliseconds: 2_000))
            let listed = try await ledger.deadLetters(domainID: domain, Page(), filter: second)
            #expect(listed.map(\.job.id) == Array(jobIDs[3..<6]))
            #expect(try await ledger.totals().jobs.failed == 12)

            let recent = DeadLetterSelection(diedFrom: Sample.now.adding(milliseconds: 3_000))
            let first = try await scenario.start(.replay, recent)
            #expect((first.status, first.total, first.handled) == (.running, 3, 0))
            let ended = try await scenario.finish(first, limit: 1)
            #expect((ended.status, ended.handled, ended.skipped) == (.done, 2, 1))
            #expect(ended.endedAt != nil)
            #expect(try await ledger.deadLetterRun(first.id, domainID: domain) == ended)
            #expect(try await ledger.advanceDeadLetterRun(first.id, limit: 9, at: Sample.now) == nil)

            let mine = DeadLetterSelection(targetID: scenario.targets[0].id, errorCode: .httpStatus)
            let run = try await scenario.start(.replay, mine)
            let step = try #require(try await ledger.advanceDeadLetterRun(run.id, limit: 2, at: Sample.now))
            #expect((step.handled, step.run.status, step.run.position) == (2, .running, jobIDs[3]))
            #expect(try await ledger.openDeadLetterRuns() == [step.run])
            #expect(try await scenario.finish(step.run, limit: 2).handled == 3)
            #expect(try await ledger.openDeadLetterRuns().isEmpty)

            let named = DeadLetterSelection(jobIDs: [jobIDs[1], jobIDs[0], JobID(999)])
            let last = try await scenario.finish(scenario.start(.replay, named), limit: 2)
            #expect((last.handled, last.skipped, last.status) == (1, 2, .done))
            let owed = try await ledger.owedJobs(after: nil, limit: 99).filter { $0.claim.epoch == 2 }
            #expect(owed.count == 6)
            #expect(try await ledger.totals().jobs.failed == 6)
            #expect(try await ledger.deadLetterRun(run.id, domainID: DomainID(2)) == nil)
            let replays = try await ledger.deadLetterRuns(domainID: domain, Page(after: 0, limit: 2), kind: .replay)
            #expect(replays.map(\.id) == [first.id, run.id])
            #expect(try await ledger.deadLetterRuns(domainID: domain, Page(), kind: .purge).isEmpty)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        },
        Part("a replay leaves alone what dies after it was asked for, and ends at its limit") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let jobIDs = try await scenario.deadPlans(3).flatMap(\.jobs)
            let run = try await scenario.start(.replay)
            let later = run.createdAt.adding(milliseconds: 5)
            for limit in [1, 1] {
                let step = try #require(try await ledger.advanceDeadLetterRun(run.id, limit: limit, at: later))
                #expect(step.handled == 1)
            }
            // Both fail again, and a new one dies.
            for id in jobIDs[..<2] {
                try await scenario.record(scenario.begin(id, at: later), .failed(LedgerScenario.error), at: later)
            }
            let new = try await scenario.accept(scenario.prepared(key: "new", at: later)).jobs
            try await scenario.record(scenario.begin(new[0], at: later), .failed(LedgerScenario.error), at: later)
            let named = try await scenario.start(.purge, DeadLetterSelection(jobIDs: [new[0]]), at: Sample.now)
            #expect(try await scenario.finish(named).handled == 0)
            let ended = try await scenario.finish(run)
            #expect((ended.handled, ended.skipped) == (3, 0))
            #expect(try await ledger.totals().jobs.failed == 3)
            let limited = try await scenario.finish(scenario.start(.replay, limit: 2, at: later), limit: 9)
            #expect((limited.handled, limited.status) == (2, .done))
            #expect(try await ledger.totals().jobs.failed == 1)
        },
        Part("a key stands for one run of its domain, and a run can be called off") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let domain = LedgerScenario.domain
            _ = try await scenario.deadPlans(3)
            let run = try await scenario.start(.replay, key: "k")
            let step = try #require(try await ledger.advanceDeadLetterRun(run.id, limit: 1, at: Sample.now))
            let same = NewDeadLetterRun(
                domainID: domain, kind: .replay, selection: DeadLetterSelection(), idempotencyKey: "k")
            let repeated = try await ledger.createDeadLetterRun(same, total: 7, at: Sample.now)
            #expect(repeated == .repeated(step.run))
            for (kind, selection) in [
                (DeadLetterRun.Kind.purge, DeadLetterSelection()), (.replay, DeadLetterSelection(planID: PlanID(1))),
            ] {
                let other = NewDeadLetterRun(domainID: domain, kind: kind, selection: selection, idempotencyKey: "k")
                #expect(try await ledger.createDeadLetterRun(other, total: 7, at: Sample.now) == .keyReused(run.id))
            }
            let elsewhere = NewDeadLetterRun(
                domainID: DomainID(2), kind: .replay, selection: DeadLetterSelection(), idempotencyKey: "k")
            guard case .created(let foreign) = try await ledger.createDeadLetterRun(elsewhere, total: 0, at: Sample.now)
            else { throw ScenarioFailure("the key of another domain was taken") }
            let empty = try await ledger.advanceDeadLetterRun(foreign.id, limit: 9, at: Sample.now)
            #expect((empty?.handled, empty?.run.status) == (0, .done))

            #expect(try await ledger.cancelDeadLetterRun(run.id, domainID: DomainID(2), at: Sample.now) == nil)
            let before = try await ledger.cancelDeadLetterRun(run.id, domainID: domain, at: Sample.now)
            #expect(before?.status == .running)
            #expect(try await ledger.advanceDeadLetterRun(run.id, limit: 9, at: Sample.now) == nil)
            let after = try await ledger.cancelDeadLetterRun(run.id, domainID: domain, at: Sample.now)
            #expect((after?.status, after?.handled) == (.cancelled, 1))
            #expect(try await ledger.totals().jobs.failed == 2)
        },
    ]

    static let purges: [Part] = [
        Part("a purged letter is in no list and cannot be replayed; its job and other bytes stay") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let domain = LedgerScenario.domain
            let plans = try await scenario.deadPlans(2)
            let jobIDs = plans.flatMap(\.jobs)
            try await ledger.confirm(deadLetters: [PublishedEpoch(jobID: jobIDs[0], epoch: 1)])
            let run = try await scenario.start(.purge, DeadLetterSelection(planID: plans[0].plan))
            #expect(try await scenario.finish(run, limit: 1).handled == 2)
            let letters = try await ledger.deadLetters(domainID: domain, Page(), filter: JobFilter())
            #expect(letters.map(\.job.id) == Array(jobIDs[2...]))
            #expect(try await ledger.deadLetter(jobIDs[0], domainID: domain) == nil)
            #expect(try await ledger.owedDeadLetters(after: nil, limit: 9).map(\.claim.jobID) == Array(jobIDs[2...]))
            let job = try await scenario.job(jobIDs[0])
            #expect((job.summary.job.status, job.attempts.count) == (.failed, 1))
            #expect(!job.summary.isReplayable)
            let failed = JobFilter(status: .failed)
            #expect(try await ledger.jobs(domainID: domain, Page(), filter: failed).map(\.job.id) == jobIDs)
            let retry = try await ledger.retryJob(jobIDs[0], domainID: domain, epoch: nil, at: Sample.now)
            #expect(retry == .refused(.payloadGone))
            #expect(
                try await ledger.retryPlan(plans[0].plan, domainID: domain, at: Sample.now) == .refused(.payloadGone))
            #expect(try await scenario.plan(plans[0].plan).status == .failed)
            let counted = try await ledger.countDeadLetters(domainID: domain, DeadLetterSelection(), for: .replay)
            #expect(counted == DeadLetterCount(handled: 2, skipped: 0))
            // The same bytes serve the other plan's letters.
            #expect(try await ledger.deadLetter(jobIDs[2], domainID: domain)?.body == Array("{}".utf8))
            #expect(try await scenario.finish(scenario.start(.replay)).handled == 2)
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.body.count) == [2, 2])
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        },
        Part("the letters of a channel that were shown are owed again, and no others") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let jobIDs = try await scenario.deadPlans(5).flatMap(\.jobs)
            func owed() async throws -> [JobID] {
                try await ledger.owedDeadLetters(after: nil, limit: 9).map(\.claim.jobID)
            }
            // The last is owed still; of those that were shown one is purged and one tried again.
            try await ledger.confirm(deadLetters: jobIDs.dropLast().map { PublishedEpoch(jobID: $0, epoch: 1) })
            _ = try await scenario.finish(scenario.start(.purge, DeadLetterSelection(jobIDs: [jobIDs[1]])))
            _ = try await ledger.retryJob(jobIDs[2], domainID: LedgerScenario.domain, epoch: nil, at: Sample.now)
            #expect(try await ledger.reissueDeadLetters(of: .feed) == 0)
            #expect(try await owed() == [jobIDs[4]])
            #expect(try await ledger.reissueDeadLetters(of: .webhook) == 2)
            #expect(try await owed() == [jobIDs[0], jobIDs[3], jobIDs[4]])
            #expect(try await ledger.reissueDeadLetters(of: .webhook) == 0)
            try await ledger.confirm(deadLetters: [PublishedEpoch(jobID: jobIDs[0], epoch: 1)])
            #expect(try await owed() == [jobIDs[3], jobIDs[4]])
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        },
    ]
}
