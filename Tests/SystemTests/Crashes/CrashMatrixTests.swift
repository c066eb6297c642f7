import Distribution
import LocalBroker
import Logging
import Testing

@Suite("A service that is killed at every boundary", .serialized, .timeLimit(.minutes(5)))
struct CrashMatrixTests {
    /// Cases happen side by side, each lane on a ledger of its own.
    private static let lanes = 4

    @Test func `nothing is lost, and only what is called ambiguous comes twice`() async throws {
        var logger = Logger(label: "crash-matrix")
        logger.logLevel = .error
        let broker = try await PrivateBroker.startTemporary(logger: logger)
        let outcome = await Outcome {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // These wait for a broker that does not answer, and cost the others nothing.
                for each in CrashCase.all where each.needsStuckQueue {
                    let url = try await broker.createVirtualHost(each.point.rawValue)
                    group.addTask { try await RenewalCrash.run(each, url: url) }
                }
                let old = CrashCase.all.filter(\.needsOldPlan)
                let retention = try await broker.createVirtualHost("retention")
                group.addTask { for each in old { try await RetentionCrash.run(each, url: retention) } }
                for each in CrashCase.all where each.needsLostJob {
                    let url = try await broker.createVirtualHost(each.point.rawValue)
                    group.addTask { try await ReconciliationCrash.run(each, url: url) }
                }
                for each in CrashCase.all where each.needsManyJobs {
                    let url = try await broker.createVirtualHost("\(each.point.rawValue)-\(each.occurrence)")
                    group.addTask { try await StepCrash.run(each, url: url) }
                }
                let ordinary = CrashCase.all.filter(\.isOrdinary).enumerated()
                for lane in 0..<Self.lanes {
                    let cases = ordinary.filter { $0.offset % Self.lanes == lane }.map(\.element)
                    let url = try await broker.createVirtualHost("lane-\(lane)")
                    group.addTask { try await CrashLane.run(cases, url: url) }
                }
                try await group.waitForAll()
            }
        }
        await broker.stop(removingDirectory: true)
        try outcome.get()
    }
}
