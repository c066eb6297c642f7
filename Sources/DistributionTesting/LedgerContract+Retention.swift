package import Distribution
import Testing

extension LedgerScenario {
    /// Takes every event that is owed for confirmed.
    package func confirmAllEvents() async throws {
        guard let last = try await ledger.owedEvents(after: 0, limit: 10_000).last else { return }
        try await ledger.confirmEvents(through: last.place)
    }

    /// Lets every step of one sort happen.
    ///
    /// - Returns: The rows of each.
    package func exhaust(_ step: () async throws -> RetentionStep) async throws -> [Int] {
        var rows: [Int] = []
        while true {
            let step = try await step()
            rows.append(step.rows)
            if step.isLast { return rows }
        }
    }
}

extension LedgerContract {
    private static let later = Sample.now.adding(milliseconds: 1_000_000)

    static let retention: [Part] = [
        Part("letters that are old enough are purged, the oldest first, and no others") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let jobIDs = try await scenario.deadPlans(4).flatMap(\.jobs)
            let moment = Sample.now.adding(milliseconds: 3_000)
            let first = try await ledger.purgeDeadLetters(diedBefore: moment, limit: 2, at: later)
            #expect((first.rows, first.isLast) == (2, false))
            let second = try await ledger.purgeDeadLetters(diedBefore: moment, limit: 2, at: later)
            #expect((second.rows, second.isLast) == (1, true))
            let letters = try await ledger.deadLetters(
                domainID: LedgerScenario.domain, Page(), filter: JobFilter())
            #expect(letters.map(\.job.id) == [jobIDs[3]])
            #expect(try await ledger.totals().jobs.failed == 4)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        },
        Part("bytes go from plans that ended long ago, and stay for whoever needs them") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let ended = try await scenario.accept(scenario.prepared(key: "ended")).jobs
            let open = try await scenario.accept(scenario.prepared(key: "open")).jobs
            try await scenario.record(scenario.begin(ended[0]), .succeeded(externalID: nil, externalURL: nil))
            try await scenario.record(scenario.begin(ended[1]), .failed(LedgerScenario.error))
            _ = try await ledger.cancelJob(ended[2], domainID: LedgerScenario.domain, at: Sample.now)
            func release() async throws -> RetentionStep {
                try await ledger.releasePayloads(ofPlansEndedBefore: later, limit: 2, at: later)
            }
            #expect(try await scenario.exhaust(release) == [2, 1])
            #expect(try await scenario.exhaust(release) == [0])
            let letters = try await ledger.deadLetters(
                domainID: LedgerScenario.domain, Page(), filter: JobFilter())
            #expect(letters.isEmpty)
            let retry = try await ledger.retryJob(
                ended[1], domainID: LedgerScenario.domain, epoch: nil, at: later)
            #expect(retry == .refused(.payloadGone))
            #expect(try await scenario.job(ended[0]).summary.receipt != nil)
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.claim.jobID) == open)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
            // The bytes that are kept serve a plan that comes now.
            let new = try await scenario.accept(scenario.prepared(key: "new", at: later)).jobs
            for id in open { _ = try await ledger.cancelJob(id, domainID: LedgerScenario.domain, at: Sample.now) }
            #expect(try await scenario.exhaust(release).reduce(0, +) == 3)
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.claim.jobID) == new)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        },
        Part("a plan that is old enough goes whole, however many steps that takes, and frees its key") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 5)
            let domain = LedgerScenario.domain
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared(key: "old"))
            let (openID, open) = try await scenario.accept(scenario.prepared(key: "open"))
            for id in jobIDs.dropLast() {
                try await scenario.record(scenario.begin(id), .succeeded(externalID: nil, externalURL: nil))
            }
            try await scenario.record(scenario.begin(jobIDs[4]), .failed(LedgerScenario.error))
            func remove(_ limit: Int) async throws -> RetentionStep {
                try await ledger.removePlans(endedBefore: later, limit: limit)
            }
            // Its events are still owed.
            #expect(try await remove(9) == RetentionStep(rows: 0, isLast: true, heldMilliseconds: 0))
            try await scenario.confirmAllEvents()
            let stale = try await scenario.request(jobIDs[0])
            #expect(try await !ledger.wasRemoved(stale.claim))

            let first = try await remove(2)
            #expect((first.rows, first.isLast) == (7, false))
            #expect(try await ledger.planSnapshot(planID, domainID: domain) == nil)
            #expect(try await ledger.plan(domainID: domain, idempotencyKey: "old") == nil)
            #expect(try await ledger.plans(domainID: domain, Page(), status: nil).map(\.id) == [openID])
            for id in jobIDs {
                #expect(try await ledger.jobSnapshot(id, domainID: domain) == nil)
                #expect(try await ledger.retryJob(id, domainID: domain, epoch: nil, at: later) == .unknown)
                #expect(try await ledger.cancelJob(id, domainID: domain, at: later) == .unknown)
            }
            #expect(try await ledger.jobs(domainID: domain, Page(), filter: JobFilter()).map(\.job.id) == open)
            #expect(try await ledger.receipts(domainID: domain, Page()).isEmpty)
            #expect(try await ledger.deadLetters(domainID: domain, Page(), filter: JobFilter()).isEmpty)
            #expect(try await ledger.begin(stale) == .stale)
            #expect(try await ledger.wasRemoved(stale.claim))
            let replay = try await scenario.start(.replay, DeadLetterSelection(jobIDs: [jobIDs[4]]), at: later)
            #expect(try await scenario.finish(replay).handled == 0)
            for limit in [1, 2, 99] {
                let audit = try await LedgerAudit.whole(of: ledger, pageOf: limit)
                #expect(audit.findings.all == [])
                #expect((audit.plans, audit.jobs.total) == (1, 5))
            }
            let again = try await scenario.accept(scenario.prepared(key: "old", at: later))
            #expect(again.plan > openID && again.jobs[0] > open[4])

            #expect(try await scenario.exhaust { try await remove(2) }.reduce(0, +) == 8)
            #expect(try await ledger.begin(stale) == .stale)
            #expect(try await ledger.wasRemoved(stale.claim))
            let (known, channel) = (stale.claim, stale.claim.channelType)
            let never = JobClaim(
                jobID: JobID(987), planID: known.planID, targetID: known.targetID, domainID: known.domainID,
                channelType: channel, deliveryID: known.deliveryID, epoch: 1)
            #expect(try await !ledger.wasRemoved(never))
            #expect(try await remove(9) == RetentionStep(rows: 0, isLast: true, heldMilliseconds: 0))
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
            #expect(try await ledger.owedJobs(after: nil, limit: 99).count == 10)
        },
        Part("plans that are open, young, or called off with an attempt under way do not go") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            _ = try await scenario.accept(scenario.prepared(key: "open"))
            let called = try await scenario.accept(scenario.prepared(key: "called off"))
            let grant = try await scenario.begin(called.jobs[0])
            _ = try await ledger.cancelPlan(scenario.cancellation(called.plan), at: Sample.now)
            let young = try await scenario.accept(scenario.prepared(key: "young"))
            try await scenario.record(
                scenario.begin(young.jobs[0]), .succeeded(externalID: nil, externalURL: nil), at: later)
            try await scenario.confirmAllEvents()
            func remove() async throws -> [Int] {
                try await scenario.exhaust { try await ledger.removePlans(endedBefore: later, limit: 9) }
            }
            #expect(try await remove() == [0])
            try await scenario.record(grant, .failed(LedgerScenario.error))
            #expect(try await remove().reduce(0, +) == 3)
            #expect(try await ledger.totals().jobs.total == 2)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        },
        Part("runs that ended long ago are forgotten, and their keys are free") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            _ = try await scenario.deadPlans(2)
            _ = try await scenario.finish(scenario.start(.replay, key: "k"))
            let open = try await scenario.start(.purge)
            let young = Sample.now
            #expect(try await ledger.removeDeadLetterRuns(endedBefore: young, limit: 9).rows == 0)
            #expect(try await ledger.removeDeadLetterRuns(endedBefore: later, limit: 9).rows == 1)
            #expect(try await ledger.openDeadLetterRuns().map(\.id) == [open.id])
            #expect(try await scenario.start(.replay, key: "k").id > open.id)
        },
    ]
}
