import Distribution
import DistributionTesting
import Foundation
import Testing

@testable import LedgerSQLite

/// A machine that stops takes with it what was committed but not on disk yet: of attempts, that they were opened.
@Suite("A machine that stops", .timeLimit(.minutes(1))) struct PowerCutTests {
    /// Copies the file, its log and its lock as they are now: with the last commits gone, what a power cut would leave.
    private func copy(of file: LedgerFile) throws -> String {
        let copy = file.folder + "/copy-\(UUID().uuidString).sqlite"
        for suffix in ["", "-wal", ".lock"] {
            try FileManager.default.copyItem(atPath: file.path + suffix, toPath: copy + suffix)
        }
        return copy
    }

    /// A ledger with one plan, whose jobs' attempts were under way when the machine stopped, a second later.
    private func powerCut(_ file: LedgerFile, targets: Int) async throws -> String {
        let path = try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: targets)
            _ = try await scenario.accept(scenario.prepared(maxAttempts: 1))
            return try copy(of: file)
        }
        file.time.advance(by: 1_000)
        return path
    }

    private func redelivered(_ request: AttemptRequest) -> AttemptRequest {
        AttemptRequest(
            claim: request.claim, payloadDigest: request.payloadDigest, isRedelivered: true,
            startedAt: request.startedAt)
    }

    @Test func `a message that was handed out before is the sign of an attempt, which is called ambiguous`()
        async throws
    {
        let file = try LedgerFile()
        let path = try await powerCut(file, targets: 2)
        try await file.withLedger(path: path, boot: "boot-2") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            #expect(try await ledger.closeAbandonedAttempts(at: file.time.now()) == 0)
            let request = try await scenario.request(JobID(1), at: file.time.now())
            guard case .start(let grant) = try await ledger.begin(redelivered(request)) else {
                throw ScenarioFailure("the attempt did not start")
            }
            // It has its number and keeps its place: the only one that the schedule has is still to be made.
            #expect((grant.number, grant.scheduleStep) == (2, 0))
            let attempts = try await scenario.job(JobID(1)).attempts
            #expect(attempts.map(\.number) == [1, 2])
            #expect(attempts.map(\.certainty) == [.ambiguous, nil])
            #expect(attempts[0].finishedAt == file.time.now())
            #expect(attempts[0].error?.certainty == .ambiguous)
            try await scenario.record(grant, .succeeded(externalID: nil, externalURL: nil))
            #expect(try await scenario.job(JobID(1)).attempts.map(\.certainty) == [.ambiguous, .accepted])
            // One that nobody had before was not attempted.
            #expect(try await scenario.begin(JobID(2), at: file.time.now()).number == 1)
        }
    }

    @Test func `the suspicion outlives the next processes, and ends for a job that has moved`() async throws {
        let file = try LedgerFile()
        let path = try await powerCut(file, targets: 2)
        try await file.withLedger(path: path, boot: "boot-2") { _ in }
        try await file.withLedger(path: path, boot: "boot-2") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            let now = file.time.now()
            let request = redelivered(try await scenario.request(JobID(1), at: now))
            guard case .start(let grant) = try await ledger.begin(request) else {
                throw ScenarioFailure("the attempt did not start")
            }
            #expect(grant.number == 2)
            try await scenario.record(grant, .givenBack, at: now)
            guard case .start(let again) = try await ledger.begin(request) else {
                throw ScenarioFailure("the attempt did not start again")
            }
            #expect(again.number == 2)
        }
    }

    @Test(arguments: ["boot-1", nil])
    func `a process that died on a machine that went on lost nothing`(boot: String?) async throws {
        let file = try LedgerFile()
        let path = try await powerCut(file, targets: 1)
        try await file.withLedger(path: path, boot: boot) { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            let request = try await scenario.request(JobID(1), at: file.time.now())
            guard case .start(let grant) = try await ledger.begin(redelivered(request)) else {
                throw ScenarioFailure("the attempt did not start")
            }
            #expect(grant.number == 1)
        }
    }

    @Test func `a ledger that was closed before the machine stopped lost nothing`() async throws {
        let file = try LedgerFile()
        try await file.withLedger { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 1)
            _ = try await scenario.accept(scenario.prepared())
        }
        file.time.advance(by: 1_000)
        try await file.withLedger(boot: "boot-2") { ledger in
            let scenario = try await LedgerScenario(ledger, targets: 0)
            let request = try await scenario.request(JobID(1), at: file.time.now())
            guard case .start(let grant) = try await ledger.begin(redelivered(request)) else {
                throw ScenarioFailure("the attempt did not start")
            }
            #expect(grant.number == 1)
        }
    }

    @Test func `the machine's boot has a name`() throws {
        let boot = try #require(RunMark.currentBoot())
        #expect(UUID(uuidString: boot) != nil)
    }
}
