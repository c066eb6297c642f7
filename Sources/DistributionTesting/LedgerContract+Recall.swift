import Distribution
import Testing

extension LedgerContract {
    static let recalls: [Part] = [
        Part("a cancelled plan takes its open jobs with it; one in flight may still succeed") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 4)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            try await scenario.record(scenario.begin(jobIDs[0]), .succeeded(externalID: nil, externalURL: nil))
            let lucky = try await scenario.begin(jobIDs[1])
            let unlucky = try await scenario.begin(jobIDs[2])
            let now = Sample.now.adding(milliseconds: 100)
            #expect(try await ledger.cancelPlan(scenario.cancellation(planID), at: now) == .cancelled(planID))
            let plan = try await scenario.plan(planID)
            #expect((plan.status, plan.counts.cancelled, plan.counts.succeeded) == (.cancelled, 3, 1))
            #expect(plan.completedAt == now)
            #expect(try await ledger.owedJobs(after: nil, limit: 9).isEmpty)
            #expect(try await ledger.begin(scenario.request(jobIDs[3])) == .stale)

            let late = try await scenario.record(lucky, .succeeded(externalID: "x", externalURL: nil))
            #expect(late.status == .succeeded)
            let failed = try await scenario.record(unlucky, .retry(at: now, LedgerScenario.error))
            #expect((failed.status, failed.epoch) == (.cancelled, 1))
            let ended = try await scenario.plan(planID)
            #expect((ended.status, ended.counts.cancelled, ended.counts.succeeded) == (.cancelled, 2, 2))
            #expect(
                try await scenario.eventKinds() == [
                    "plan.accepted", "job.succeeded", "job.cancelled", "job.cancelled", "job.cancelled",
                    "plan.cancelled", "job.succeeded",
                ])
        },
        Part("a plan is called off once, by id or by key, and not after its end") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            let byKey = PlanCancellation(domainID: LedgerScenario.domain, subject: .idempotencyKey("key-1"))
            #expect(try await ledger.cancelPlan(byKey, at: Sample.now) == .cancelled(planID))
            #expect(try await ledger.cancelPlan(byKey, at: Sample.now) == .repeated(planID))
            #expect(try await scenario.job(jobIDs[0]).summary.job.status == .cancelled)
            let (other, others) = try await scenario.accept(scenario.prepared(key: "key-2"))
            try await scenario.record(scenario.begin(others[0]), .failed(LedgerScenario.error))
            let ended = try await ledger.cancelPlan(scenario.cancellation(other), at: Sample.now)
            #expect(ended == .ended(other, .failed))
            let foreign = PlanCancellation(domainID: DomainID(2), subject: .id(planID))
            #expect(try await ledger.cancelPlan(foreign, at: Sample.now) == .unknown(planID))
            let unknown = scenario.cancellation(PlanID(99))
            #expect(try await ledger.cancelPlan(unknown, at: Sample.now) == .unknown(PlanID(99)))
        },
        Part("a cancellation that comes first waits a day for its plan") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let day = PlanRecall.memoryMilliseconds
            for key in ["early", "old"] {
                let cancellation = PlanCancellation(domainID: LedgerScenario.domain, subject: .idempotencyKey(key))
                let recall = try await ledger.cancelPlan(cancellation, at: Sample.now)
                #expect(recall == .remembered(until: Sample.now.adding(milliseconds: day)))
            }
            let other = try await scenario.accept(scenario.prepared(key: "other"))
            let late = Sample.now.adding(milliseconds: day - 1)
            guard case .recalled(let planID) = try await ledger.accept(scenario.prepared(key: "early", at: late))
            else { throw ScenarioFailure("the plan was not called off") }
            let plan = try await scenario.plan(planID)
            #expect((plan.status, plan.counts.cancelled) == (.cancelled, 2))
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.claim.jobID) == other.jobs)
            #expect(
                try await scenario.eventKinds() == [
                    "plan.accepted", "plan.accepted", "job.cancelled", "job.cancelled", "plan.cancelled",
                ])
            guard case .known = try await ledger.accept(scenario.prepared(key: "early", at: late)) else {
                throw ScenarioFailure("the plan was not recognized")
            }
            let tooLate = Sample.now.adding(milliseconds: day)
            _ = try await scenario.accept(scenario.prepared(key: "old", at: tooLate))
        },
        Part("a job is called off alone, and its plan ends with its last") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            let domain = LedgerScenario.domain
            try await scenario.record(scenario.begin(jobIDs[0]), .retry(at: Sample.now, LedgerScenario.error))
            #expect(try await ledger.cancelJob(jobIDs[0], domainID: domain, at: Sample.now) == .cancelled)
            #expect(try await ledger.cancelJob(jobIDs[0], domainID: domain, at: Sample.now) == .repeated)
            #expect(try await ledger.cancelJob(jobIDs[1], domainID: DomainID(2), at: Sample.now) == .unknown)
            #expect(try await scenario.plan(planID).status == .running)
            try await scenario.record(scenario.begin(jobIDs[1]), .succeeded(externalID: nil, externalURL: nil))
            let recall = try await ledger.cancelJob(jobIDs[1], domainID: domain, at: Sample.now)
            #expect(recall == .ended(.succeeded))
            #expect(try await scenario.plan(planID).status == .partial)
            let kinds = try await scenario.eventKinds()
            #expect(
                kinds == ["plan.accepted", "job.retrying", "job.cancelled", "job.succeeded", "plan.completed"])
        },
        Part("a target that answers 410 to a cancelled job is disabled all the same") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            let grant = try await scenario.begin(jobIDs[0])
            _ = try await ledger.cancelPlan(scenario.cancellation(planID), at: Sample.now)
            let gone = DeliveryError(code: .targetGone, message: "HTTP 410", statusCode: 410)
            let recorded = try await scenario.record(grant, .targetGone(reason: "HTTP 410", gone))
            #expect(recorded.status == .cancelled)
            #expect(try await ledger.allTargets().map(\.isActive) == [false])
        },
    ]

    static let retries: [Part] = [
        Part("a failed job is tried again from the start of its schedule, under its delivery id") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared(maxAttempts: 2))
            try await scenario.record(scenario.begin(jobIDs[0]), .succeeded(externalID: nil, externalURL: nil))
            try await scenario.record(scenario.begin(jobIDs[1]), .retry(at: Sample.now, LedgerScenario.error))
            try await scenario.record(scenario.begin(jobIDs[1]), .failed(LedgerScenario.error))
            try await ledger.confirm(jobs: jobIDs.map { PublishedEpoch(jobID: $0, epoch: 2) })
            let later = Sample.now.adding(milliseconds: 60_000)
            let retry = try await ledger.retryJob(
                jobIDs[1], domainID: LedgerScenario.domain, epoch: 2, at: later)
            #expect(retry == .retried)
            let stale = try await ledger.retryJob(
                jobIDs[1], domainID: LedgerScenario.domain, epoch: 2, at: later)
            #expect(stale == .refused(.status(.queued)))
            let plan = try await scenario.plan(planID)
            #expect((plan.status, plan.counts.queued, plan.counts.failed) == (.running, 1, 0))
            #expect(plan.completedAt == nil)
            #expect(try await ledger.owedDeadLetters(after: nil, limit: 9).isEmpty)
            let deadLetters = try await ledger.deadLetters(domainID: LedgerScenario.domain, Page(), filter: JobFilter())
            #expect(deadLetters.isEmpty)
            let owed = try #require(try await ledger.owedJobs(after: nil, limit: 9).first)
            #expect((owed.claim.jobID, owed.claim.epoch, owed.attempt) == (jobIDs[1], 3, 3))
            #expect(try await ledger.begin(scenario.request(jobIDs[1], epoch: 2, at: later)) == .stale)
            let grant = try await scenario.begin(jobIDs[1], at: later)
            #expect((grant.number, grant.scheduleStep, grant.maxAttempts) == (3, 0, 2))
            try await scenario.record(grant, .succeeded(externalID: nil, externalURL: nil))
            let snapshot = try await scenario.job(jobIDs[1])
            #expect(snapshot.attempts.map(\.number) == [1, 2, 3])
            #expect(snapshot.summary.job.deliveryID == owed.claim.deliveryID)
            #expect(try await scenario.plan(planID).status == .succeeded)
            #expect(
                try await scenario.eventKinds() == [
                    "plan.accepted", "job.succeeded", "job.retrying", "job.failed", "plan.completed",
                    "plan.reopened", "job.replayed", "job.succeeded", "plan.completed",
                ])
            let sequences = try await scenario.events().compactMap(\.sequence)
            #expect(sequences == Array(1...9))
        },
        Part("a dead letter that is confirmed late does not stand for the next of its job") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let id = try await scenario.accept(scenario.prepared()).jobs[0]
            try await scenario.record(scenario.begin(id), .failed(LedgerScenario.error))
            _ = try await ledger.retryJob(id, domainID: LedgerScenario.domain, epoch: nil, at: Sample.now)
            try await scenario.record(scenario.begin(id), .failed(LedgerScenario.error))
            try await ledger.confirm(deadLetters: [PublishedEpoch(jobID: id, epoch: 1)])
            #expect(try await ledger.owedDeadLetters(after: nil, limit: 9).map(\.claim.epoch) == [2])
            try await ledger.confirm(deadLetters: [PublishedEpoch(jobID: id, epoch: 2)])
            #expect(try await ledger.owedDeadLetters(after: nil, limit: 9).isEmpty)
        },
        Part("a plan tries its failed jobs again, and those that wait at once") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 4)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            let due = Sample.now.adding(milliseconds: 3_600_000)
            try await scenario.record(scenario.begin(jobIDs[0]), .succeeded(externalID: nil, externalURL: nil))
            try await scenario.record(scenario.begin(jobIDs[1]), .failed(LedgerScenario.error))
            try await scenario.record(scenario.begin(jobIDs[2]), .retry(at: due, LedgerScenario.error))
            let grant = try await scenario.begin(jobIDs[3])
            let now = Sample.now.adding(milliseconds: 1000)
            #expect(try await ledger.retryPlan(planID, domainID: LedgerScenario.domain, at: now) == .retried(2))
            let owed = try await ledger.owedJobs(after: nil, limit: 9)
            #expect(owed.map(\.claim.jobID) == [jobIDs[1], jobIDs[2]])
            #expect(owed.map(\.claim.epoch) == [2, 3])
            #expect(owed[1].dueAt == now)
            let hastened = try await scenario.begin(jobIDs[2], at: now)
            #expect((hastened.number, hastened.scheduleStep) == (2, 1))
            try await scenario.record(grant, .succeeded(externalID: nil, externalURL: nil))
            let kinds = try await scenario.eventKinds()
            #expect(!kinds.contains("plan.reopened"))
            #expect(kinds.suffix(3) == ["job.replayed", "job.retrying", "job.succeeded"])
        },
        Part("what cannot be tried again is refused, and writes nothing") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let domain = LedgerScenario.domain
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            func retry(_ id: JobID, _ domain: DomainID = domain) async throws -> JobRetryOutcome {
                try await ledger.retryJob(id, domainID: domain, epoch: nil, at: Sample.now)
            }
            #expect(try await retry(jobIDs[0]) == .refused(.status(.queued)))
            #expect(try await ledger.retryPlan(planID, domainID: domain, at: Sample.now) == .refused(.status(.queued)))
            #expect(try await retry(jobIDs[0], DomainID(2)) == .unknown)
            #expect(try await ledger.retryPlan(planID, domainID: DomainID(2), at: Sample.now) == .unknown)
            for id in jobIDs { try await scenario.record(scenario.begin(id), .failed(LedgerScenario.error)) }
            _ = try await ledger.deleteTarget(scenario.targets[0].id)
            let before = try await scenario.eventKinds()
            #expect(try await retry(jobIDs[0]) == .refused(.targetDeleted))
            #expect(try await scenario.job(jobIDs[0]).summary.isReplayable == false)
            #expect(try await scenario.job(jobIDs[1]).summary.isReplayable)
            #expect(try await scenario.eventKinds() == before)

            #expect(try await retry(jobIDs[1]) == .retried)
            #expect(try await retry(jobIDs[1]) == .refused(.status(.queued)))
            #expect(try await ledger.cancelPlan(scenario.cancellation(planID), at: Sample.now) == .cancelled(planID))
            #expect(try await retry(jobIDs[0]) == .refused(.planCancelled))
            #expect(try await ledger.retryPlan(planID, domainID: domain, at: Sample.now) == .refused(.planCancelled))
        },
    ]
}
