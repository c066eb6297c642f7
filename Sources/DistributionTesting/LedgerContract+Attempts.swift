import Distribution
import Testing

extension LedgerContract {
    static let attempts: [Part] = [
        Part("a delivery goes from queued over running to succeeded, with a receipt") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            let grant = try await scenario.begin(jobIDs[0])
            #expect((grant.number, grant.scheduleStep, grant.maxAttempts) == (1, 0, 3))
            let running = try await scenario.plan(planID)
            #expect(running.status == .running)
            #expect(running.counts.running == 1)
            let recorded = try await scenario.record(grant, .succeeded(externalID: "e", externalURL: "u"))
            let expected = RecordedAttempt(
                status: .succeeded, epoch: 1, nextAttemptAt: nil, firstAttemptAt: Sample.now)
            #expect(recorded == expected)

            let snapshot = try await scenario.job(jobIDs[0])
            let receipt = try #require(snapshot.summary.receipt)
            #expect((receipt.externalID, receipt.externalURL) == ("e", "u"))
            #expect(receipt.responseMeta == ResponseMeta(statusCode: 200, durationMilliseconds: 50))
            #expect(try await ledger.receipts(domainID: LedgerScenario.domain, Page()) == [receipt])
            let attempt = try #require(snapshot.attempts.first)
            #expect(attempt.certainty == .accepted)
            #expect(attempt.finishedAt == Sample.now.adding(milliseconds: 50))
            #expect(attempt.responseExcerpt == "answer")
            let plan = try await scenario.plan(planID)
            #expect(plan.status == .succeeded)
            #expect(plan.completedAt == Sample.now.adding(milliseconds: 50))
            let events = try await scenario.events().filter { $0.sequence != nil }
            #expect(events.map(\.kind) == ["plan.accepted", "job.succeeded", "plan.completed"])
            #expect(events.map(\.sequence) == [1, 2, 3])
            #expect(try await ledger.begin(scenario.request(jobIDs[0])) == .stale)
        },
        Part("an attempt that is opened with its plan is one like any other, and its job is not owed") { ledger in
            let scenario = try await LedgerScenario(ledger)
            var prepared = scenario.prepared()
            prepared.jobs[1].startsAtOnce = true
            guard case .created(let planID, let jobIDs, let started) = try await ledger.accept(prepared) else {
                throw ScenarioFailure("the plan was not created")
            }
            let grant = try #require(started.first)
            #expect(started.count == 1)
            #expect(grant.claim.jobID == jobIDs[1])
            #expect((grant.claim.epoch, grant.number, grant.scheduleStep, grant.maxAttempts) == (1, 1, 0, 3))
            #expect((grant.startedAt, grant.firstAttemptAt) == (Sample.now, Sample.now))
            let plan = try await scenario.plan(planID)
            #expect((plan.status, plan.counts.queued, plan.counts.running) == (.running, 1, 1))
            let running = try await scenario.job(jobIDs[1])
            #expect((running.summary.job.status, running.summary.job.attempt) == (.running, 1))
            #expect(running.attempts.map(\.finishedAt) == [nil])
            #expect(try await ledger.owedJobs(after: nil, limit: 10).map(\.claim.jobID) == [jobIDs[0]])
            #expect(try await ledger.totals().owedJobs == 1)
            #expect(try await ledger.begin(scenario.request(jobIDs[1])) == .inFlight)

            let due = Sample.now.adding(milliseconds: 5000)
            let recorded = try await scenario.record(grant, .retry(at: due, LedgerScenario.error))
            #expect((recorded.status, recorded.epoch, recorded.nextAttemptAt) == (.retrying, 2, due))
            // The confirm of the first message comes late: the second is owed all the same.
            try await ledger.confirm(jobs: [PublishedEpoch(jobID: jobIDs[1], epoch: 1)])
            #expect(try await ledger.owedJobs(after: jobIDs[0], limit: 10).map(\.claim.epoch) == [2])
            #expect(try await scenario.eventKinds() == ["plan.accepted", "job.retrying"])
        },
        Part("a job that ends owes no message, though none was published") { ledger in
            let scenario = try await LedgerScenario(ledger)
            var prepared = scenario.prepared()
            for index in prepared.jobs.indices { prepared.jobs[index].startsAtOnce = true }
            guard case .created(_, let jobIDs, let started) = try await ledger.accept(prepared) else {
                throw ScenarioFailure("the plan was not created")
            }
            _ = try await scenario.record(started[0], .succeeded(externalID: nil, externalURL: nil))
            _ = try await scenario.record(started[1], .failed(LedgerScenario.error))
            #expect(try await ledger.owedJobs(after: nil, limit: 10).isEmpty)
            for id in jobIDs { #expect(try await scenario.job(id).summary.job.publishedEpoch == 1) }
        },
        Part("no attempt is opened with a plan that is called off, blocked or not due") { ledger in
            let scenario = try await LedgerScenario(ledger)
            var later = scenario.prepared(key: "later", scheduledAt: Sample.now.adding(milliseconds: 1))
            var blocked = scenario.prepared(key: "blocked", blocked: [0, 1])
            for index in 0..<2 {
                later.jobs[index].startsAtOnce = true
                blocked.jobs[index].startsAtOnce = true
            }
            for prepared in [later, blocked] {
                guard case .created(_, let jobIDs, let started) = try await ledger.accept(prepared) else {
                    throw ScenarioFailure("the plan was not created")
                }
                #expect(started.isEmpty)
                #expect(try await scenario.job(jobIDs[0]).attempts.isEmpty)
            }
            var recalled = scenario.prepared(key: "recalled")
            recalled.jobs[0].startsAtOnce = true
            let cancellation = PlanCancellation(domainID: LedgerScenario.domain, subject: .idempotencyKey("recalled"))
            _ = try await ledger.cancelPlan(cancellation, at: Sample.now)
            guard case .recalled(let planID) = try await ledger.accept(recalled) else {
                throw ScenarioFailure("the plan was not recalled")
            }
            let plan = try await scenario.plan(planID)
            #expect((plan.status, plan.counts.cancelled, plan.counts.running) == (.cancelled, 2, 0))
        },
        Part("a retry gets a new epoch, its time, and its place in the schedule") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            try await ledger.confirm(jobs: [PublishedEpoch(jobID: jobIDs[0], epoch: 1)])
            #expect(try await ledger.owedJobs(after: nil, limit: 10).isEmpty)
            let due = Sample.now.adding(milliseconds: 5000)
            let recorded = try await scenario.record(scenario.begin(jobIDs[0]), .retry(at: due, LedgerScenario.error))
            #expect((recorded.status, recorded.epoch, recorded.nextAttemptAt) == (.retrying, 2, due))
            let owed = try #require(try await ledger.owedJobs(after: nil, limit: 10).first)
            #expect((owed.claim.epoch, owed.attempt, owed.dueAt) == (2, 2, due))
            #expect(try await ledger.begin(scenario.request(jobIDs[0])) == .early(dueAt: due, attempt: 2))
            #expect(try await ledger.begin(scenario.request(jobIDs[0], epoch: 1, at: due)) == .stale)
            let grant = try await scenario.begin(jobIDs[0], at: due)
            #expect((grant.number, grant.scheduleStep) == (2, 1))
            let second = try await scenario.record(grant, .succeeded(externalID: nil, externalURL: nil))
            #expect(second.firstAttemptAt == Sample.now)
            let kinds = try await scenario.eventKinds()
            #expect(kinds == ["plan.accepted", "job.retrying", "job.succeeded", "plan.completed"])
        },
        Part("an attempt that is used up is a dead letter, and its plan partial") { ledger in
            let scenario = try await LedgerScenario(ledger)
            let trace = TraceContext(traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared(body: "B", trace: trace))
            try await scenario.record(
                scenario.begin(jobIDs[0]), .succeeded(externalID: nil, externalURL: nil))
            try await scenario.record(scenario.begin(jobIDs[1]), .failed(LedgerScenario.error))
            #expect(try await scenario.plan(planID).status == .partial)
            let letter = try #require(try await ledger.owedDeadLetters(after: nil, limit: 10).first)
            #expect(letter.claim.jobID == jobIDs[1])
            #expect((letter.body, letter.trace, letter.attempts) == (Array("B".utf8), trace, 1))
            #expect(letter.error == LedgerScenario.error)
            #expect(letter.diedAt == Sample.now.adding(milliseconds: 50))
            #expect(try await ledger.deadLetter(jobIDs[1], domainID: LedgerScenario.domain) == letter)
            #expect(try await ledger.deadLetter(jobIDs[0], domainID: LedgerScenario.domain) == nil)
            let listed = try await ledger.deadLetters(domainID: LedgerScenario.domain, Page(), filter: JobFilter())
            #expect(listed.map(\.job.id) == [jobIDs[1]])
            #expect(listed.map(\.payloadBytes) == [1])
            try await ledger.confirm(deadLetters: [PublishedEpoch(jobID: jobIDs[1], epoch: 1)])
            #expect(try await ledger.owedDeadLetters(after: nil, limit: 10).isEmpty)
            #expect(try await ledger.deadLetter(jobIDs[1], domainID: LedgerScenario.domain) == letter)
        },
        Part("an attempt that is given back is not counted, and its message is as good as before") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared())
            let recorded = try await scenario.record(scenario.begin(jobIDs[0]), .givenBack)
            #expect((recorded.status, recorded.epoch) == (.queued, 1))
            let snapshot = try await scenario.job(jobIDs[0])
            #expect(snapshot.summary.job.attempt == 0)
            #expect(snapshot.attempts.isEmpty)
            #expect(try await scenario.plan(planID).counts.queued == 1)
            let again = try await scenario.begin(jobIDs[0])
            #expect(again.number == 1)
            try await scenario.record(again, .retry(at: Sample.now, LedgerScenario.error))
            let back = try await scenario.record(scenario.begin(jobIDs[0]), .givenBack)
            #expect(back.status == .retrying)
            #expect(try await scenario.eventKinds() == ["plan.accepted", "job.retrying"])
        },
        Part("every attempt that ends says whether it arrived, whatever becomes of its job") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let error = LedgerScenario.error
            let ends: [(Certainty, AttemptReport.Resolution)] = [
                (.accepted, .succeeded(externalID: nil, externalURL: nil)), (.rejected, .retry(at: Sample.now, error)),
                (.unsent, .retry(at: Sample.now, error)), (.ambiguous, .retry(at: Sample.now, error)),
                (.rejected, .failed(error)), (.unsent, .failed(error)), (.ambiguous, .failed(error)),
                (.rejected, .targetGone(reason: "gone", error)),
            ]
            for isCalledOff in [false, true] {
                for (number, (certainty, resolution)) in ends.enumerated() {
                    let prepared = scenario.prepared(key: "key-\(isCalledOff)-\(number)")
                    let id = try await scenario.accept(prepared).jobs[0]
                    let grant = try await scenario.begin(id)
                    if isCalledOff {
                        _ = try await ledger.cancelJob(id, domainID: LedgerScenario.domain, at: Sample.now)
                    }
                    let usual = LedgerScenario.report(grant, resolution)
                    let report = AttemptReport(
                        grant: grant, finishedAt: usual.finishedAt, result: usual.result, certainty: certainty,
                        resolution: resolution)
                    _ = try await ledger.record(report)
                    let attempts = try await scenario.job(id).attempts
                    #expect(attempts.map(\.certainty) == [certainty], "\(resolution), called off: \(isCalledOff)")
                    #expect(attempts.allSatisfy { $0.finishedAt != nil })
                }
            }
        },
        Part("a copy of a job that is in flight is held, not started") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            let grant = try await scenario.begin(jobIDs[0])
            #expect(try await ledger.begin(scenario.request(jobIDs[0])) == .inFlight)
            try await scenario.record(grant, .succeeded(externalID: nil, externalURL: nil))
            let again = try await scenario.record(grant, .failed(LedgerScenario.error))
            #expect(again.status == .succeeded)
            #expect(try await scenario.eventKinds() == ["plan.accepted", "job.succeeded", "plan.completed"])
        },
        Part("a message that does not match its row is never attempted") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            let good = try await scenario.request(jobIDs[0])
            let other = try await scenario.request(jobIDs[1])
            let mixed = JobClaim(
                jobID: good.claim.jobID, planID: good.claim.planID, targetID: other.claim.targetID,
                domainID: good.claim.domainID, channelType: .webhook, deliveryID: good.claim.deliveryID, epoch: 1)
            let future = try await scenario.request(jobIDs[0], epoch: 2)
            let requests = [
                AttemptRequest(
                    claim: mixed, payloadDigest: good.payloadDigest, isRedelivered: false, startedAt: Sample.now),
                AttemptRequest(
                    claim: good.claim, payloadDigest: LedgerScenario.digest("?"), isRedelivered: false,
                    startedAt: Sample.now),
                future,
            ]
            for request in requests {
                guard case .mismatch(let error) = try await ledger.begin(request) else {
                    throw ScenarioFailure("a mismatch was let through")
                }
                #expect(error.code == .jobMismatch)
            }
            #expect(try await scenario.job(jobIDs[0]).attempts.isEmpty)
        },
        Part("a licence that ended blocks the job, and completes its plan") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let end = Sample.now.adding(milliseconds: 1000)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared(expiresAt: end))
            #expect(try await ledger.begin(scenario.request(jobIDs[0], at: end)) == .blocked)
            let job = try await scenario.job(jobIDs[0]).summary.job
            #expect((job.status, job.lastError?.code) == (.blocked, .policyExpired))
            #expect(try await scenario.plan(planID).status == .failed)
            #expect(try await ledger.owedJobs(after: nil, limit: 1).isEmpty)
            #expect(try await scenario.eventKinds() == ["plan.accepted", "job.blocked", "plan.completed"])
        },
        Part("a target that is gone is disabled, and its job waits for it") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            let (_, jobIDs) = try await scenario.accept(scenario.prepared())
            let gone = DeliveryError(code: .targetGone, message: "HTTP 410", statusCode: 410)
            let recorded = try await scenario.record(
                scenario.begin(jobIDs[0]), .targetGone(reason: "HTTP 410", gone))
            #expect((recorded.status, recorded.epoch, recorded.nextAttemptAt) == (.retrying, 2, nil))
            let target = try #require(try await ledger.allTargets().first)
            #expect((target.isActive, target.disabledReason) == (false, "HTTP 410"))
            #expect(target.revision > scenario.targets[0].revision)
            #expect(try await ledger.owedJobs(after: nil, limit: 1).isEmpty)
            #expect(try await scenario.eventKinds() == ["plan.accepted", "job.retrying", "target.disabled"])
            _ = try await ledger.updateTarget(
                target.id, TargetChange(availability: .enabled, changedAt: Sample.now))
            #expect(try await ledger.owedJobs(after: nil, limit: 1).map(\.claim.epoch) == [2])
        },
    ]
}
