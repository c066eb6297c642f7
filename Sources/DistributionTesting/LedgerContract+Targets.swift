import Distribution
import Testing

extension LedgerContract {
    static let targets: [Part] = [
        Part("a target keeps what it was given, and its credentials") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let target = scenario.targets[0]
            #expect(target.credentials["secret"]?.reveal() == "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQh")
            #expect(target.configuration == ["url": .string("https://receiver.example/hook")])
            #expect(target.isActive)
            #expect(try await ledger.allTargets() == scenario.targets)
            #expect(try await ledger.targets(domainID: DomainID(2), Page()).isEmpty)
            let page = try await ledger.targets(domainID: LedgerScenario.domain, Page(after: target.id.rawValue))
            #expect(page == [scenario.targets[1]])
        },
        Part("a change replaces what it names, and nothing else") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let id = scenario.targets[0].id
            var settings = DeliverySettings()
            settings.maxInFlight = 3
            settings.retry = RetryPolicy(schedule: .explicit([500, 300_000]), jitter: 0.25)
            let later = Sample.now.adding(milliseconds: 1000)
            let changed = try #require(
                try await ledger.updateTarget(id, TargetChange(name: "new", delivery: settings, changedAt: later)))
            #expect((changed.name, changed.delivery, changed.revision) == ("new", settings, 2))
            #expect(changed.credentials == scenario.targets[0].credentials)
            #expect(changed.updatedAt == later)
            let rotated = try #require(
                try await ledger.updateTarget(
                    id, TargetChange(credentials: ["secret": Secret("other")], changedAt: later)))
            #expect(rotated.credentials["secret"]?.reveal() == "other")
            #expect(try await ledger.allTargets() == [rotated])
            #expect(try await ledger.updateTarget(TargetID(99), TargetChange(changedAt: later)) == nil)
            #expect(try await scenario.eventKinds() == ["target.updated", "target.updated"])
        },
        Part("a disabled target's jobs are not owed until it is enabled") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let id = scenario.targets[0].id
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            let disabling = TargetChange(availability: .disabled(reason: "why"), changedAt: Sample.now)
            #expect(try await ledger.updateTarget(id, disabling)?.disabledReason == "why")
            #expect(try await ledger.owedJobs(after: nil, limit: 1).isEmpty)
            #expect(try await ledger.totals().owedJobs == 0)
            #expect(try await scenario.job(jobIDs[0]).summary.isTargetActive == false)
            let enabling = TargetChange(availability: .enabled, changedAt: Sample.now)
            #expect(try await ledger.updateTarget(id, enabling)?.isActive == true)
            #expect(try await ledger.owedJobs(after: nil, limit: 1).count == 1)
            #expect(try await scenario.eventKinds() == ["plan.accepted", "target.disabled", "target.updated"])
        },
        Part("the sizes of the bodies that wait are told of each target, the oldest ones first") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            for size in [10, 2_000, 30, 40] {
                let body = String(repeating: "x", count: size)
                let jobs = try await scenario.accept(scenario.prepared(key: "\(size)", body: body)).jobs
                guard size == 10 else { continue }
                // What has ended does not come again.
                try await scenario.record(scenario.begin(jobs[0]), .succeeded(externalID: nil, externalURL: nil))
            }
            _ = try await ledger.deleteTarget(scenario.targets[2].id)
            let (first, second) = (scenario.targets[0].id, scenario.targets[1].id)
            #expect(
                try await ledger.bodySizesOfOpenJobs(perTarget: 3) == [
                    first: [2_000, 30, 40], second: [10, 2_000, 30],
                ])
            #expect(try await ledger.bodySizesOfOpenJobs(perTarget: 1) == [first: [2_000], second: [10]])
        },
        Part("a deleted target takes its open jobs with it; one in flight may still succeed") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 3)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            try await scenario.record(scenario.begin(jobIDs[0]), .succeeded(externalID: nil, externalURL: nil))
            let grant = try await scenario.begin(jobIDs[1])
            for target in scenario.targets.dropFirst() { #expect(try await ledger.deleteTarget(target.id) != nil) }
            #expect(try await ledger.deleteTarget(scenario.targets[1].id) == nil)
            #expect(try await ledger.allTargets().map(\.id) == [scenario.targets[0].id])
            let deleted = scenario.targets.dropFirst().map {
                TargetQueue(targetID: $0.id, channelType: $0.channelType, type: $0.queueType)
            }
            #expect(try await ledger.queuesOfDeletedTargets(since: Sample.now) == deleted)
            let future = Timestamp(milliseconds: 4_102_444_800_000)
            #expect(try await ledger.queuesOfDeletedTargets(since: future).isEmpty)
            let plan = try await scenario.plan(planID)
            #expect((plan.status, plan.counts.cancelled, plan.counts.succeeded) == (.partial, 2, 1))
            #expect(try await scenario.job(jobIDs[2]).summary.job.status == .cancelled)
            #expect(try await ledger.owedJobs(after: nil, limit: 9).isEmpty)
            #expect(try await ledger.begin(scenario.request(jobIDs[2])) == .stale)
            let late = try await scenario.record(grant, .succeeded(externalID: "x", externalURL: nil))
            #expect(late.status == .succeeded)
            #expect(try await scenario.plan(planID).counts.succeeded == 2)
            #expect(
                try await scenario.eventKinds() == [
                    "plan.accepted", "job.succeeded", "target.deleted", "job.cancelled", "target.deleted",
                    "job.cancelled", "plan.completed", "job.succeeded",
                ])
        },
        Part("a cancelled job whose attempt fails stays cancelled") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            let grant = try await scenario.begin(jobIDs[0])
            _ = try await ledger.deleteTarget(scenario.targets[0].id)
            let late = try await scenario.record(grant, .retry(at: Sample.now, LedgerScenario.error))
            #expect((late.status, late.epoch) == (.cancelled, 1))
            let snapshot = try await scenario.job(jobIDs[0])
            #expect(snapshot.attempts.map(\.certainty) == [.rejected])
            #expect(try await scenario.plan(planID).status == .failed)
            let kinds = try await scenario.eventKinds()
            #expect(kinds == ["plan.accepted", "target.deleted", "job.cancelled", "plan.completed"])
        },
        Part("a key is found by its digest until it is revoked") { ledger in
            let draft = NewAPIKey(
                name: "ci", digest: LedgerScenario.digest("k"), domainID: DomainID(1),
                scopes: [.contentRead, .publisher], createdAt: Sample.now)
            let key = try await ledger.createKey(draft)
            #expect(key.scopes == draft.scopes)
            #expect(try await ledger.key(digest: draft.digest) == key)
            #expect(try await ledger.key(digest: LedgerScenario.digest("other")) == nil)
            #expect(try await ledger.revokeKey(key.id))
            #expect(try await !ledger.revokeKey(key.id))
            #expect(try await ledger.key(digest: draft.digest) == nil)
            #expect(try await ledger.keys().map(\.id) == [key.id])
            #expect(try await ledger.keys().first?.revokedAt != nil)
        },
        Part("lists are of one domain, by id, by page and by filter") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            var ids: [JobID] = []
            for number in 1...3 { ids += try await scenario.accept(scenario.prepared(key: "key-\(number)")).jobs }
            try await scenario.record(scenario.begin(ids[3]), .failed(LedgerScenario.error))
            let domain = LedgerScenario.domain
            func list(_ filter: JobFilter, after: Int64 = 0, limit: Int = 50) async throws -> [JobID] {
                try await ledger.jobs(domainID: domain, Page(after: after, limit: limit), filter: filter).map(\.job.id)
            }
            #expect(try await list(JobFilter()) == ids)
            #expect(try await list(JobFilter(), after: ids[2].rawValue) == Array(ids[3...]))
            #expect(try await list(JobFilter(), after: ids[1].rawValue, limit: 2) == Array(ids[2...3]))
            #expect(try await list(JobFilter(), after: ids[5].rawValue).isEmpty)
            #expect(try await list(JobFilter(targetID: scenario.targets[0].id)) == [ids[0], ids[2], ids[4]])
            #expect(try await list(JobFilter(status: .failed)) == [ids[3]])
            #expect(try await list(JobFilter(status: .queued, errorCode: .httpStatus)).isEmpty)
            let planIDs = try await ledger.plans(domainID: domain, Page(), status: nil).map(\.id)
            #expect(planIDs.count == 3)
            #expect(try await list(JobFilter(planID: planIDs[1])) == [ids[2], ids[3]])
            #expect(try await list(JobFilter(planID: planIDs[1]), after: ids[2].rawValue) == [ids[3]])
            #expect(try await ledger.plans(domainID: domain, Page(), status: .running).map(\.id) == [planIDs[1]])
            #expect(try await ledger.plans(domainID: DomainID(2), Page(), status: nil).isEmpty)
            #expect(try await ledger.jobSnapshot(ids[0], domainID: DomainID(2)) == nil)
            #expect(try await ledger.planSnapshot(planIDs[0], domainID: DomainID(2)) == nil)
            let snapshot = try #require(try await ledger.planSnapshot(planIDs[1], domainID: domain))
            #expect(snapshot.jobs.map(\.job.id) == [ids[3], ids[2]])
            #expect(!snapshot.isTruncated)
        },
    ]
}
