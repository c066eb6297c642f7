import Distribution
import Testing

extension LedgerContract {
    static let owed: [Part] = [
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
