import Distribution
import Testing

extension LedgerContract {
    static let owed: [Part] = [
        Part("a ledger that can be written says so, and keeps nothing of having been asked") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            let before = try await (ledger.totals(), scenario.eventKinds())
            for _ in 0..<3 { try await ledger.probe() }
            #expect(try await ledger.totals() == before.0)
            #expect(try await scenario.eventKinds() == before.1)
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.claim.jobID) == jobIDs)
        },
        Part("a confirm settles its epoch, and an older one nothing") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            let reissued = try #require(try await ledger.reissue(jobID: jobIDs[1], epoch: 1))
            #expect(reissued.claim.epoch == 2)
            try await ledger.confirm(jobs: jobIDs.map { PublishedEpoch(jobID: $0, epoch: 1) })
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.claim.jobID) == [jobIDs[1]])
            try await ledger.confirm(jobs: [PublishedEpoch(jobID: jobIDs[1], epoch: 2)])
            try await ledger.confirm(jobs: [PublishedEpoch(jobID: jobIDs[1], epoch: 1)])
            #expect(try await ledger.owedJobs(after: nil, limit: 9).isEmpty)
        },
        Part("only a waiting job of the current epoch is issued anew") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            #expect(try await ledger.reissue(jobID: jobIDs[0], epoch: 2) == nil)
            let grant = try await scenario.begin(jobIDs[0])
            #expect(try await ledger.reissue(jobID: jobIDs[0], epoch: 1) == nil)
            try await scenario.record(grant, .succeeded(externalID: nil, externalURL: nil))
            #expect(try await ledger.reissue(jobID: jobIDs[0], epoch: 1) == nil)
        },
        Part("a target's waiting jobs are issued anew in batches, and of those only what was confirmed") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            var jobIDs: [JobID] = []
            for number in 0..<7 {
                jobIDs += try await scenario.accept(scenario.prepared(key: "key-\(number)")).jobs
            }
            let mine = jobIDs.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            // The second stays owed; of the others one runs, one is retried and one has ended.
            let confirmed = jobIDs.filter { $0 != mine[1] }
            try await ledger.confirm(jobs: confirmed.map { PublishedEpoch(jobID: $0, epoch: 1) })
            _ = try await scenario.begin(mine[2])
            let due = Sample.now.adding(milliseconds: 60_000)
            try await scenario.record(scenario.begin(mine[3]), .retry(at: due, LedgerScenario.error))
            try await ledger.confirm(jobs: [PublishedEpoch(jobID: mine[3], epoch: 2)])
            try await scenario.record(scenario.begin(mine[4]), .succeeded(externalID: nil, externalURL: nil))

            let target = scenario.targets[0].id
            #expect(try await ledger.reissueOpenJobs(of: target, after: nil, limit: 2) == mine[3])
            #expect(try await ledger.reissueOpenJobs(of: target, after: mine[3], limit: 2) == mine[6])
            #expect(try await ledger.reissueOpenJobs(of: target, after: mine[6], limit: 2) == nil)
            #expect(try await ledger.reissueOpenJobs(of: target, after: nil, limit: 99) == nil)
            let owed = try await ledger.owedJobs(after: nil, limit: 99)
            #expect(owed.map(\.claim.jobID) == [mine[0], mine[1], mine[3], mine[5], mine[6]])
            #expect(owed.map(\.claim.epoch) == [2, 1, 3, 2, 2])
            #expect(owed[2].dueAt == due)
        },
        Part("events keep their order and are forgotten up to a place") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            _ = try await scenario.accept(scenario.prepared())
            let events = try await ledger.owedEvents(after: 0, limit: 10)
            #expect(events.count == 3)
            #expect(events.map(\.place) == events.map(\.place).sorted())
            #expect(try await ledger.owedEvents(after: events[0].place, limit: 1) == [events[1]])
            try await ledger.confirmEvents(through: events[1].place)
            #expect(try await ledger.owedEvents(after: 0, limit: 10) == [events[2]])
            try await ledger.confirmEvents(through: events[2].place)
            _ = try await scenario.accept(scenario.prepared(key: "key-2"))
            let next = try #require(try await ledger.owedEvents(after: 0, limit: 10).first)
            #expect(next.place > events[2].place)
        },
        Part("a commit that owes an event gives a signal") { ledger in
            let signals = ledger.eventSignals()
            _ = try await LedgerScenario(ledger, targets: 1)
            var iterator = signals.makeAsyncIterator()
            #expect(await iterator.next() != nil)
        },
        Part("totals count what is there") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared(blocked: [2]))
            _ = try await scenario.begin(jobIDs[0])
            let totals = try await ledger.totals()
            #expect((totals.jobs.queued, totals.jobs.running, totals.jobs.blocked) == (1, 1, 1))
            #expect((totals.owedJobs, totals.targets) == (1, 3))
            #expect(totals.owedEvents == (try await ledger.owedEvents(after: 0, limit: 99)).count)
        },
    ]
}
