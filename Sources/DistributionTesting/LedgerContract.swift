package import Distribution
import Testing

/// What every ``Ledger`` must do, in memory or on disk; a suite calls each function with a ledger of its own.
package enum LedgerContract {
    /// Name and body of every part, for one parameterized test.
    package static let parts: [Part] =
        plans + recalls + retries + runs + purges + retention + attempts + governing + owed + schedule + targets
        + conservation

    package struct Part: Sendable, CustomStringConvertible {
        package let description: String
        package let run: @Sendable (any Ledger) async throws -> Void

        init(_ description: String, _ run: @escaping @Sendable (any Ledger) async throws -> Void) {
            self.description = description
            self.run = run
        }
    }
}

extension LedgerContract {
    static let plans: [Part] = [
        Part("an accepted plan has a queued job a target, and owes each of them") { ledger in
            let scenario = try await LedgerScenario(ledger)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared(body: #"{"a":1}"#))
            let plan = try await scenario.plan(planID)
            #expect(plan.status == .queued)
            #expect(plan.counts.queued == 2)
            #expect(plan.counts.total == 2)
            let owed = try await ledger.owedJobs(after: nil, limit: 10)
            #expect(owed.map(\.claim.jobID) == jobIDs)
            #expect(owed.map(\.body) == [Array(#"{"a":1}"#.utf8), Array(#"{"a":1}"#.utf8)])
            #expect(owed.allSatisfy { $0.claim.epoch == 1 && $0.attempt == 1 && $0.dueAt == Sample.now })
            #expect(try await ledger.owedJobs(after: jobIDs[0], limit: 10).map(\.claim.jobID) == [jobIDs[1]])
            #expect(try await ledger.owedJobs(after: nil, limit: 1).map(\.claim.jobID) == [jobIDs[0]])
            #expect(try await scenario.eventKinds() == ["plan.accepted"])
        },
        Part("a key that was used names its plan, and writes nothing") { ledger in
            let scenario = try await LedgerScenario(ledger)
            let (planID, _) = try await scenario.accept(scenario.prepared(body: "1"))
            let known = KnownPlan(id: planID, requestDigest: LedgerScenario.digest("key-11"))
            guard case .known(known) = try await ledger.accept(scenario.prepared(body: "2")) else {
                throw ScenarioFailure("the second plan was not recognized")
            }
            #expect(try await ledger.plan(domainID: LedgerScenario.domain, idempotencyKey: "key-1") == known)
            #expect(try await ledger.plan(domainID: DomainID(2), idempotencyKey: "key-1") == nil)
            #expect(try await ledger.plan(domainID: LedgerScenario.domain, idempotencyKey: "key-2") == nil)
            #expect(try await ledger.totals().jobs.total == 2)
            #expect(try await scenario.eventKinds() == ["plan.accepted"])
        },
        Part("blocked jobs are never owed; a plan of nothing else is complete at once") { ledger in
            let scenario = try await LedgerScenario(ledger)
            let (planID, jobIDs) = try await scenario.accept(scenario.prepared(blocked: [0, 1]))
            let plan = try await scenario.plan(planID)
            #expect(plan.status == .failed)
            #expect(plan.counts.blocked == 2)
            #expect(plan.completedAt == Sample.now)
            #expect(try await ledger.owedJobs(after: nil, limit: 10).isEmpty)
            #expect(try await scenario.job(jobIDs[0]).summary.job.lastError?.code == .policyChannelDenied)
            let kinds = try await scenario.eventKinds()
            #expect(kinds == ["plan.accepted", "job.blocked", "job.blocked", "plan.completed"])
        },
        Part("a plan for a target that is gone, or of another domain, is not written") { ledger in
            let scenario = try await LedgerScenario(ledger)
            _ = try await ledger.deleteTarget(scenario.targets[1].id)
            guard case .targetsGone(let gone) = try await ledger.accept(scenario.prepared()) else {
                throw ScenarioFailure("a plan for a deleted target was taken")
            }
            #expect(gone == [scenario.targets[1].id])
            let foreign = try await ledger.createTarget(LedgerScenario.newTarget(domain: DomainID(2)))
            let job = PreparedPlan.PreparedJob(
                targetID: foreign.id, channelType: .webhook, deliveryID: Sample.deliveryID(1), maxAttempts: 1,
                content: .blocked(LedgerScenario.error))
            let plan = PreparedPlan(
                request: Sample.planRequest(), requestDigest: LedgerScenario.digest("x"), acceptedAt: Sample.now,
                userID: nil, payloads: [], jobs: [job])
            guard case .targetsGone([foreign.id]) = try await ledger.accept(plan) else {
                throw ScenarioFailure("a plan for a foreign target was taken")
            }
            #expect(try await ledger.totals().jobs.total == 0)
        },
        Part("a refusal is told of once a day for each message") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            func reject(_ text: String, after milliseconds: Int64) async throws {
                try await ledger.recordRejection(
                    PlanRejection(
                        domainID: DomainID(0), requestID: nil, idempotencyKey: nil,
                        refusal: Refusal(.validationError, "No.", remediation: "Mend it."),
                        messageFingerprint: LedgerScenario.digest(text), trace: nil,
                        rejectedAt: Sample.now.adding(milliseconds: milliseconds)))
            }
            try await reject("a", after: 0)
            try await reject("a", after: 1000)
            try await reject("b", after: 2000)
            #expect(try await scenario.eventKinds() == ["plan.rejected", "plan.rejected"])
            try await reject("a", after: 86_400_000)
            #expect(try await scenario.eventKinds().count == 3)
        },
    ]
}
