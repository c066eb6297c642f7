import Distribution
import Testing

extension LedgerContract {
    static let schedule: [Part] = [
        Part("a plan for a later time waits in the ledger, is owed then, and says so") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let due = later(60_000)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared(scheduledAt: due, body: "later"))
            #expect(try await scenario.eventKinds() == ["plan.accepted", "plan.scheduled"])
            #expect(try await ledger.owedJobs(after: nil, limit: 9).isEmpty)
            #expect(try await ledger.nextDueTime(after: Sample.now) == due)
            #expect(try await ledger.nextDueTime(after: due) == nil)
            #expect(try await ledger.dueJobs(after: .start, by: later(59_999), limit: 9).isEmpty)
            let owed = try #require(try await ledger.dueJobs(after: .start, by: due, limit: 9).first)
            #expect((owed.claim.jobID, owed.claim.epoch, owed.attempt, owed.dueAt) == (jobIDs[0], 1, 1, due))
            #expect(owed.body == Array("later".utf8))
            let totals = try await ledger.totals()
            #expect((totals.owedJobs, totals.scheduledJobs) == (0, 1))
            #expect(try await ledger.begin(scenario.request(jobIDs[0])) == .early(dueAt: due, attempt: 1))
            _ = try await scenario.begin(jobIDs[0], at: due)
            #expect(try await ledger.dueJobs(after: .start, by: due, limit: 9).isEmpty)
            #expect(try await ledger.nextDueTime(after: Sample.now) == nil)
            #expect(try await ledger.totals().scheduledJobs == 0)
        },
        Part("scheduled jobs come by their times and ids, page by page, until they are confirmed") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            var ids: [JobID] = []
            for (number, delay) in ([3_000, 1_000, 2_000, 1_000, 1_000] as [Int64]).enumerated() {
                ids += try await scenario.accept(
                    scenario.prepared(key: "key-\(number)", scheduledAt: later(delay))
                ).jobs
            }
            _ = try await scenario.accept(scenario.prepared(key: "now"))
            let order = [2, 3, 6, 7, 8, 9, 4, 5, 0, 1].map { ids[$0] }
            for limit in 1...11 {
                var (found, position): ([JobID], SchedulePosition) = ([], .start)
                while true {
                    let page = try await ledger.dueJobs(after: position, by: later(3_000), limit: limit)
                    found += page.map(\.claim.jobID)
                    guard let last = page.last, page.count == limit else { break }
                    position = last.schedulePosition
                }
                #expect(found == order, "\(limit)")
            }
            #expect(try await due(ledger, by: 2_999) == Array(order.prefix(8)))
            let behind = SchedulePosition(behind: later(1_000))
            func page(_ position: SchedulePosition, by milliseconds: Int64) async throws -> [JobID] {
                try await ledger.dueJobs(after: position, by: later(milliseconds), limit: 9).map(\.claim.jobID)
            }
            #expect(try await page(behind, by: 2_000) == [ids[4], ids[5]])
            let before = SchedulePosition(before: later(2_000))
            #expect(try await page(before, by: 2_000) == [ids[4], ids[5]])
            #expect(try await page(before, by: 1_000).isEmpty)
            #expect(try await ledger.nextDueTime(after: later(1_000)) == later(2_000))
            try await ledger.confirm(jobs: order.prefix(7).map { PublishedEpoch(jobID: $0, epoch: 1) })
            #expect(try await due(ledger, by: 3_000) == Array(order.suffix(3)))
            #expect(try await ledger.owedJobs(after: nil, limit: 99).count == 2)
        },
        Part("what is called off while it waits is never owed; of a disabled target once it is enabled") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let off = scenario.prepared(key: "off", scheduledAt: later(1_000))
            let (planID, cancelled) = try await scenario.accept(off)
            let on = scenario.prepared(key: "on", scheduledAt: later(2_000))
            let (_, jobs) = try await scenario.accept(on)
            #expect(try await ledger.cancelPlan(scenario.cancellation(planID), at: Sample.now) == .cancelled(planID))
            #expect(try await scenario.job(cancelled[0]).summary.job.status == .cancelled)
            #expect(try await ledger.nextDueTime(after: Sample.now) == later(2_000))
            _ = try await ledger.cancelJob(jobs[0], domainID: LedgerScenario.domain, at: Sample.now)
            _ = try await ledger.deleteTarget(scenario.targets[1].id)
            let target = scenario.targets[2].id
            let disabled = TargetChange(availability: .disabled(reason: "why"), changedAt: Sample.now)
            _ = try await ledger.updateTarget(target, disabled)
            #expect(try await due(ledger, by: 5_000) == [])
            // It waits for its time all the same.
            #expect(try await ledger.nextDueTime(after: Sample.now) == later(2_000))
            _ = try await ledger.updateTarget(target, TargetChange(availability: .enabled, changedAt: Sample.now))
            #expect(try await due(ledger, by: 5_000) == [jobs[2]])
            let retry = try await ledger.retryJob(jobs[2], domainID: LedgerScenario.domain, epoch: nil, at: Sample.now)
            #expect(retry == .refused(.status(.queued)))
        },
        Part("a scheduled job that is issued anew waits for its time again") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobs) = try await scenario.accept(scenario.prepared(scheduledAt: later(1_000)))
            let target = scenario.targets[0].id
            #expect(try await ledger.reissueOpenJobs(of: target, after: nil, limit: 9) == nil)
            let overdue = try await ledger.reissueOverdueJobs(
                of: target, dueBefore: later(9_000), after: nil, limit: 9, at: later(9_000))
            #expect(overdue.count == 0)
            try await ledger.confirm(jobs: [PublishedEpoch(jobID: jobs[0], epoch: 1)])
            #expect(try await ledger.reissueOpenJobs(of: target, after: nil, limit: 9) == jobs[0])
            #expect(try await ledger.owedJobs(after: nil, limit: 9).isEmpty)
            #expect(try await due(ledger, by: 999) == [])
            let owed = try await ledger.dueJobs(after: .start, by: later(1_000), limit: 9)
            #expect(owed.map(\.claim.epoch) == [2])
            #expect(try await ledger.begin(scenario.request(jobs[0], epoch: 1, at: later(1_000))) == .stale)
            // Given back, it is in its queue and not here.
            let grant = try await scenario.begin(jobs[0], at: later(1_000))
            try await scenario.record(grant, .givenBack)
            #expect(try await due(ledger, by: 2_000) == [])
            #expect(try await ledger.owedJobs(after: nil, limit: 9).isEmpty)
            // From its first failure on it waits as any other does.
            try await scenario.record(scenario.begin(jobs[0], at: later(1_000)), .retry(at: later(9_000), error))
            #expect(try await due(ledger, by: 10_000) == [])
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.dueAt) == [later(9_000)])
        },
        Part("jobs that wait for their time are held, and unconfirmed once it has come") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobs) = try await scenario.accept(scenario.prepared(key: "a", scheduledAt: later(1_000)))
            _ = try await scenario.accept(scenario.prepared(key: "b", scheduledAt: later(2_000)))
            func waiting(_ moment: Int64) async throws -> WaitingJobs? {
                let cutoffs = WaitingCutoffs(settledBefore: later(moment), delayedAfter: later(moment))
                let page = try await ledger.waitingJobs(after: WaitingJobsPage.Position.start, limit: 9, cutoffs)
                return page.byTarget[scenario.targets[0].id]
            }
            var expected = WaitingJobs()
            expected.held = 2
            #expect(try await waiting(999) == expected)
            (expected.held, expected.unconfirmed) = (1, 1)
            #expect(try await waiting(1_000) == expected)
            try await ledger.confirm(jobs: [PublishedEpoch(jobID: jobs[0], epoch: 1)])
            (expected.unconfirmed, expected.settled) = (0, 1)
            #expect(try await waiting(1_000) == expected)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
        },
    ]

    private static let error = LedgerScenario.error

    private static func later(_ milliseconds: Int64) -> Timestamp { Sample.now.adding(milliseconds: milliseconds) }

    private static func due(_ ledger: any Ledger, by milliseconds: Int64) async throws -> [JobID] {
        try await ledger.dueJobs(after: .start, by: later(milliseconds), limit: 99).map(\.claim.jobID)
    }
}
