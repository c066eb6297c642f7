import Distribution
import Testing

extension LedgerContract {
    static let conservation: [Part] = [
        Part("an audit finds everything that is there, and nothing wrong with it") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let first = try await scenario.accept(scenario.prepared(key: "key-1", blocked: [2])).jobs
            let second = try await scenario.accept(scenario.prepared(key: "key-2")).jobs
            try await scenario.record(scenario.begin(first[0]), .succeeded(externalID: nil, externalURL: nil))
            try await scenario.record(scenario.begin(first[1]), .failed(LedgerScenario.error))
            try await scenario.record(scenario.begin(second[0]), .retry(at: Sample.now, LedgerScenario.error))
            _ = try await scenario.begin(second[0])
            _ = try await scenario.begin(second[1])
            _ = try await ledger.cancelJob(second[1], domainID: LedgerScenario.domain, at: Sample.now)
            for limit in [1, 2, 100] {
                let audit = try await LedgerAudit.whole(of: ledger, pageOf: limit)
                #expect(audit.findings.all == [])
                #expect((audit.plans, audit.attempts, audit.receipts) == (2, 5, 1))
                let states: [JobStatus] = [.succeeded, .failed, .blocked, .running, .cancelled, .queued]
                #expect(states.map { audit.jobs[$0] } == [1, 1, 1, 1, 1, 1])
                #expect(audit.owedEvents == (try await ledger.owedEvents(after: 0, limit: 99)).count)
            }
            let owed = try await ledger.owedEvents(after: 0, limit: 99)
            try await ledger.confirmEvents(through: owed[owed.count / 2].place)
            #expect(try await LedgerAudit.whole(of: ledger).findings.all == [])
            let pulse = try await ledger.pulse()
            #expect((pulse.owedEvents, pulse.owedDeadLetters) == (owed.count - owed.count / 2 - 1, 1))
            try await ledger.confirm(deadLetters: [PublishedEpoch(jobID: first[1], epoch: 1)])
            #expect(try await ledger.pulse().owedDeadLetters == 0)
            _ = try await scenario.accept(scenario.prepared(key: "key-3"))
            #expect(try await ledger.pulse().activity > pulse.activity)
        },
        Part("open jobs are counted by how they wait for their target, page by page") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let hour = Sample.now.adding(milliseconds: 3_600_000)
            let due = try await scenario.accept(scenario.prepared(key: "due")).jobs
            let later = try await scenario.accept(scenario.prepared(key: "retried")).jobs
            _ = try await scenario.accept(scenario.prepared(key: "owed"))
            let ended = try await scenario.accept(scenario.prepared(key: "ended")).jobs
            for job in later { try await scenario.record(scenario.begin(job), .retry(at: hour, LedgerScenario.error)) }
            try await ledger.confirm(jobs: (due + ended).map { PublishedEpoch(jobID: $0, epoch: 1) })
            try await ledger.confirm(jobs: later.map { PublishedEpoch(jobID: $0, epoch: 2) })
            _ = try await scenario.begin(due[1])
            try await scenario.record(scenario.begin(ended[0]), .succeeded(externalID: nil, externalURL: nil))
            _ = try await ledger.cancelJob(ended[1], domainID: LedgerScenario.domain, at: Sample.now)

            let now = WaitingCutoffs(settledBefore: Sample.now, delayedAfter: Sample.now)
            var expected: [TargetID: WaitingJobs] = [:]
            var jobs = WaitingJobs()
            (jobs.settled, jobs.delayed, jobs.unconfirmed) = (1, 1, 1)
            expected[scenario.targets[0].id] = jobs
            (jobs.settled, jobs.running) = (0, 1)
            expected[scenario.targets[1].id] = jobs
            for limit in [1, 2, 3, 99] {
                #expect(try await waiting(in: ledger, limit: limit, now) == expected, "\(limit)")
            }
            let before = WaitingCutoffs(settledBefore: Sample.now.adding(milliseconds: -1), delayedAfter: Sample.now)
            let recent = try await waiting(in: ledger, limit: 99, before)[scenario.targets[0].id]
            #expect((recent?.settled, recent?.recent) == (0, 1))
            let after = WaitingCutoffs(settledBefore: hour, delayedAfter: hour)
            #expect(try await waiting(in: ledger, limit: 99, after)[scenario.targets[0].id]?.settled == 2)
            #expect(try await ledger.auditTargets().map(\.queue.targetID) == scenario.targets.map(\.id))
        },
        Part("overdue jobs of a target are handed out anew once, and no others") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            var jobs: [JobID] = []
            for number in 0..<7 { jobs.append(try await scenario.accept(scenario.prepared(key: "k\(number)")).jobs[0]) }
            let hour = Sample.now.adding(milliseconds: 3_600_000)
            // One is to wait, one is owed, one runs, one has ended; two are overdue, and one was touched since.
            try await scenario.record(scenario.begin(jobs[0]), .retry(at: hour, LedgerScenario.error))
            try await ledger.confirm(jobs: jobs.map { PublishedEpoch(jobID: $0, epoch: $0 == jobs[0] ? 2 : 1) })
            _ = try await ledger.reissue(jobID: jobs[1], epoch: 1)
            _ = try await scenario.begin(jobs[2])
            try await scenario.record(scenario.begin(jobs[3]), .failed(LedgerScenario.error))
            let given = try await scenario.begin(jobs[6], at: Sample.now.adding(milliseconds: 5))
            try await scenario.record(given, .givenBack)

            let (target, later) = (scenario.targets[0].id, Sample.now.adding(milliseconds: 1_000))
            func reissue(after: JobID?, before: Timestamp = Sample.now) async throws -> ReissuedJobs {
                try await ledger.reissueOverdueJobs(of: target, dueBefore: before, after: after, limit: 1, at: later)
            }
            #expect(try await reissue(after: nil, before: Sample.now.adding(milliseconds: -1)).count == 0)
            #expect(try await reissue(after: nil) == ReissuedJobs(count: 1, last: jobs[4]))
            #expect(try await reissue(after: jobs[4]) == ReissuedJobs(count: 1, last: jobs[5]))
            #expect(try await reissue(after: jobs[5]) == ReissuedJobs(count: 0, last: nil))
            let owed = try await ledger.owedJobs(after: nil, limit: 99).filter { $0.claim.targetID == target }
            #expect(owed.map(\.claim.jobID) == [jobs[1], jobs[4], jobs[5]])
            #expect(owed.map(\.claim.epoch) == [2, 2, 2])
            // Published again a moment ago: not overdue, however long they have been due.
            try await ledger.confirm(jobs: jobs[4...5].map { PublishedEpoch(jobID: $0, epoch: 2) })
            #expect(try await reissue(after: nil).count == 0)
        },
    ]

    private static func waiting(
        in ledger: any Ledger, limit: Int, _ cutoffs: WaitingCutoffs
    ) async throws -> [TargetID: WaitingJobs] {
        var waiting: [TargetID: WaitingJobs] = [:]
        var next: WaitingJobsPage.Position? = .start
        while let position = next {
            let page = try await ledger.waitingJobs(after: position, limit: limit, cutoffs)
            for (target, jobs) in page.byTarget { waiting[target, default: WaitingJobs()].add(jobs) }
            next = page.next
        }
        return waiting
    }
}
