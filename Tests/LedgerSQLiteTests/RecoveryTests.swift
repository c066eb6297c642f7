import Distribution
import DistributionTesting
import Foundation
import Sealing
import Testing

@testable import LedgerSQLite

@Suite(.timeLimit(.minutes(1))) struct RecoveryTests {
    /// Copies the file and its log as they are now, which is what a crash of the process would leave.
    private func crashCopy(of file: LedgerFile) throws -> String {
        let copy = file.folder + "/copy-\(UUID().uuidString).sqlite"
        try FileManager.default.copyItem(atPath: file.path, toPath: copy)
        try FileManager.default.copyItem(atPath: file.path + "-wal", toPath: copy + "-wal")
        return copy
    }

    @Test func `everything is there after a close and a reopening`() async throws {
        let file = try LedgerFile()
        let (planID, jobIDs) = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger)
            let accepted = try await scenario.accept(scenario.prepared())
            try await scenario.record(
                scenario.begin(accepted.jobs[0]), .succeeded(externalID: "e", externalURL: nil))
            return accepted
        }
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            #expect(try await scenario.plan(planID).counts.succeeded == 1)
            #expect(try await ledger.owedJobs(after: nil, limit: 9).map(\.claim.jobID) == [jobIDs[1]])
            #expect(try await scenario.events().compactMap(\.sequence) == [1, 2])
            #expect(try await ledger.closeAbandonedAttempts(at: Sample.now) == 0)
            try await scenario.record(scenario.begin(jobIDs[1]), .succeeded(externalID: nil, externalURL: nil))
            #expect(try await scenario.events().compactMap(\.sequence) == [1, 2, 3, 4])
            #expect(try await scenario.plan(planID).status == .succeeded)
            let next = try await ledger.createTarget(LedgerScenario.newTarget())
            #expect(next.id == TargetID(3))
        }
    }

    @Test func `attempts that a crash left open are closed as ambiguous and tried again`() async throws {
        let file = try LedgerFile()
        let copy = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            _ = try await scenario.begin(scenario.accept(scenario.prepared(key: "key-1")).jobs[0])
            _ = try await scenario.begin(scenario.accept(scenario.prepared(key: "key-2", maxAttempts: 1)).jobs[0])
            return try crashCopy(of: file)
        }
        try await file.withLedger(path: copy) { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            let now = Sample.now.adding(milliseconds: 9000)
            #expect(try await ledger.closeAbandonedAttempts(at: now) == 2)
            #expect(try await ledger.closeAbandonedAttempts(at: now) == 0)
            let snapshot = try await scenario.job(JobID(1))
            #expect(snapshot.attempts.map(\.certainty) == [.ambiguous])
            let job = snapshot.summary.job
            #expect((job.status, job.epoch, job.scheduleStep, job.nextAttemptAt) == (.retrying, 2, 1, now))
            #expect(try await scenario.job(JobID(3)).summary.job.status == .failed)
            #expect(try await ledger.owedDeadLetters(after: nil, limit: 9).map(\.claim.jobID) == [JobID(3)])
            #expect(try await ledger.owedJobs(after: nil, limit: 1).map(\.attempt) == [2])
            #expect(try await scenario.begin(JobID(1), at: now).number == 2)
        }
    }

    @Test func `a redelivered message goes on after a crash, without waiting for the clean-up`() async throws {
        let file = try LedgerFile()
        let copy = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 2)
            let first = try await scenario.accept(scenario.prepared(key: "key-1", maxAttempts: 2)).jobs
            _ = try await scenario.begin(first[0])
            let second = try await scenario.accept(scenario.prepared(key: "key-2", maxAttempts: 1)).jobs
            _ = try await scenario.begin(second[0])
            return try crashCopy(of: file)
        }
        try await file.withLedger(path: copy) { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            let grant = try await scenario.begin(JobID(1))
            #expect((grant.number, grant.scheduleStep, grant.claim.epoch) == (2, 1, 1))
            #expect(try await scenario.job(JobID(1)).attempts.map(\.certainty) == [.ambiguous, nil])
            #expect(try await ledger.begin(scenario.request(JobID(3))) == .stale)
            #expect(try await scenario.job(JobID(3)).summary.job.status == .failed)
            #expect(try await ledger.closeAbandonedAttempts(at: Sample.now) == 0)
        }
    }

    @Test func `a deletion that a crash cut short is finished on the next start`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<600 {
                    group.addTask { _ = try await scenario.accept(scenario.prepared(key: "key-\(number)")) }
                }
                try await group.waitForAll()
            }
            let id = scenario.targets[0].id
            _ = try await ledger.writer.perform { try $0.deleteTarget(id, at: Sample.now) }
            #expect(try await ledger.totals().jobs.queued == 600)
        }
        try await file.withLedger { ledger in
            let abandoned = try await ledger.closeAbandonedAttempts(at: Sample.now)
            #expect(abandoned == 0)
            #expect(try await ledger.totals().jobs.cancelled == 600)
            #expect(try await ledger.plans(domainID: DomainID(1), Page(), status: .failed).count == 50)
        }
    }

    @Test func `a lost master key makes credentials unavailable and nothing else`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { _ = try await LedgerScenario($0, targets: 1) }
        try await file.withLedger(masterKey: try MasterKey.generate()) { ledger in
            let target = try #require(try await ledger.allTargets().first)
            guard case .unavailable(let reason) = target.credentials else {
                Issue.record("credentials opened under another key")
                return
            }
            #expect(reason.contains("another master key"))
            #expect(target.name == "target 0")
        }
    }
}
