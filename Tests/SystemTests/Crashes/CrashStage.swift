import Distribution
import Foundation
import LocalReceiver
import Testing

/// What a story of crashes needs: a folder for its ledger, a receiver, and targets that a first service has made.
struct CrashStage: Sendable {
    let folder: String
    let url: String
    let receiver: Receiver
    let targets: CrashTargets

    var ledger: LedgerFile {
        get throws { try LedgerFile(folder: folder) }
    }

    /// Sets it up on a virtual host, lets the story happen, and takes it down again.
    static func with(_ url: String, _ story: @Sendable (CrashStage) async throws -> Void) async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/clawcast-test-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let receiver = try await Receiver.start()
        let outcome = await Outcome {
            let targets = try await StandingService.serving(folder, url) { service in
                try await CrashTargets(on: service, receiver: receiver)
            }.value
            try await story(CrashStage(folder: folder, url: url, receiver: receiver, targets: targets))
        }
        await receiver.stop()
        try outcome.get()
    }

    /// Runs a body beside a service that dies where the case says, and beside the one that takes its place.
    ///
    /// - Parameter url: Where the broker is for them; nil for the stage's own.
    func crash<Value: Sendable>(
        _ each: CrashCase, over url: String? = nil,
        _ body: @escaping @Sendable (StandingService) async throws -> Value
    ) async throws -> Value {
        let (ends, value) = try await StandingService.serving(folder, url ?? self.url, crashes: ["\(each)"], body)
        #expect(ends.map(\.wasKilled) == [true, false], "\(each)")
        return value
    }

    /// Every one of these plans was delivered, once, and there is no doubt about any.
    func checkDelivered(_ each: CrashCase, plans: [String], _ events: [EventLog.Event]) async throws {
        let check = ConservationCheck(
            accepted: Dictionary(plans.map { ($0, 1) }) { $1 }, events: events, requests: receiver.requests())
        let findings = try await check.run(on: try ledger) { job, _ in throw SystemTestError("Job \(job) has failed.") }
        for problem in findings.problems { Issue.record("\(each): \(problem)") }
        #expect(findings.ambiguous == 0 && findings.repeated == 0, "\(each)")
    }
}
