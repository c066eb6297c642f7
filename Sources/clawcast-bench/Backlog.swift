import AMQP
import ArgumentParser
import Distribution
import Foundation
import LocalReceiver

/// What a backlog costs: how fast it drains, and how much memory the service takes with it.
struct Backlog: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A backlog of jobs in the queues of paused targets, and one of plans, drained to the last.")

    enum Kind: String, CaseIterable, ExpressibleByArgument {
        /// All jobs wait in their targets' queues, and the targets are resumed.
        case jobs
        /// Plans are published faster than they are taken.
        case plans
    }

    @OptionGroup var stage: StageOptions
    @Option(help: "Jobs to pile up and drain.") var jobs = 100_000
    @Option(help: "Targets of each plan.") var targets = 10
    @Option(help: "jobs or plans; both unless one is given.") var kind: Kind?
    @Option(help: "Seconds that one run may take.") var limit = 7_200

    /// The most that was seen while something went on.
    private struct Peaks: Sendable {
        var anonymous = 0
        var log = 0

        mutating func see(_ stage: Stage) throws {
            anonymous = max(anonymous, try ProcessUsage(of: stage.service.processID).anonymousBytes)
            let file = stage.service.dataDirectory + "/ledger.sqlite-wal"
            let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
            log = max(log, size)
        }
    }

    func run() async throws {
        for kind in kind.map({ [$0] }) ?? Kind.allCases { Report.print(try await measure(kind)) }
    }

    private func measure(_ kind: Kind) async throws -> JSONObject {
        let (plans, targets) = (max(1, jobs / targets), targets)
        let jobs = plans * targets
        return try await Stage.with(stage, within: .seconds(limit)) { stage in
            let ids = try await stage.createTargets(targets)
            if kind == .jobs { for id in ids { try await stage.api.pauseTarget(id) } }
            let clock = ContinuousClock()
            let start = clock.now
            let building = try await Self.watch(stage) {
                try await stage.publish(0..<plans, inBatchesOf: 200) { _ in PlanMessage(targets: ids) }
                if kind == .jobs { try await Self.waitForJobs(stage, ids, jobs) }
            }
            let built = clock.now
            let peakWhileBuilding = try stage.usage().service.peakMemoryBytes
            let waiting = try await stage.depth(of: "distribution.plans")
            let before = try stage.usage()
            let missing = jobs - stage.receiver.count()
            if kind == .jobs {
                try ProcessUsage.forgetPeak(of: stage.service.processID)
                for id in ids { try await stage.api.resumeTarget(id) }
            }
            let draining = try await Self.watch(stage) { await stage.receiver.waitForRequests(jobs) }
            let drained = clock.now
            try await Self.settle(stage)
            let after = try stage.usage()
            let seconds = (drained - built).seconds
            let received = stage.receiver.count()
            let distinct = stage.receiver.distinctDeliveries
            let ledger =
                try FileManager.default.attributesOfItem(
                    atPath: stage.service.dataDirectory + "/ledger.sqlite")[.size] as? Int
            func megabytes(_ bytes: Int) -> JSON { .rounded(Double(bytes) / 1_000_000, 1) }
            func perThousand(_ path: (ProcessUsage, ProcessUsage)) -> JSON {
                .rounded((path.1.cpuSeconds - path.0.cpuSeconds) / Double(max(missing, 1)) * 1000, 4)
            }
            return JSONObject([
                ("scenario", .string("backlog")), ("kind", .string(kind.rawValue)), ("jobs", .integer(jobs)),
                ("targets", .integer(targets)), ("buildSeconds", .rounded((built - start).seconds, 1)),
                ("plansWaiting", .integer(waiting)), ("drained", .integer(missing)),
                ("drainSeconds", .rounded(seconds, 1)),
                ("deliveriesPerSecond", .rounded(Double(missing) / seconds, 0)),
                ("serviceCPUSecondsPer1000", perThousand((before.service, after.service))),
                ("brokerCPUSecondsPer1000", perThousand((before.broker, after.broker))),
                ("servicePeakMB", megabytes(after.service.peakMemoryBytes)),
                ("servicePeakMBWhileBuilding", megabytes(peakWhileBuilding)),
                ("servicePeakAnonymousMB", megabytes(max(building.anonymous, draining.anonymous))),
                ("brokerPeakMB", megabytes(after.broker.peakMemoryBytes)),
                ("ledgerMB", megabytes(ledger ?? 0)), ("ledgerLogPeakMB", megabytes(max(building.log, draining.log))),
                ("lost", .integer(jobs - distinct)), ("duplicates", .integer(received - distinct)),
            ])
        }
    }

    /// Waits until every job lies in its target's queue.
    private static func waitForJobs(_ stage: Stage, _ targets: [Int64], _ jobs: Int) async throws {
        while true {
            var depth = 0
            for target in targets { depth += try await stage.depth(of: "distribution.jobs.webhook.\(target)") }
            if depth >= jobs { return }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    /// Waits until the service has told the broker everything that it owes.
    private static func settle(_ stage: Stage) async throws {
        // The gauges are read from the ledger every ten seconds.
        for _ in 0..<300 {
            try await Task.sleep(for: .seconds(2))
            if try await stage.api.metric("clawcast_events_owed") == 0,
                try await stage.api.metric("clawcast_jobs_owed") == 0
            {
                return
            }
        }
        throw BenchError("The service still owes events ten minutes after the last delivery.")
    }

    /// Runs a body and looks at the service every second meanwhile.
    private static func watch(
        _ stage: Stage, _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Peaks {
        try await withThrowingTaskGroup(of: Peaks.self) { group in
            group.addTask {
                var peaks = Peaks()
                while !Task.isCancelled {
                    try peaks.see(stage)
                    try? await Task.sleep(for: .seconds(1))
                }
                return peaks
            }
            try await body()
            group.cancelAll()
            return try await group.next() ?? Peaks()
        }
    }
}
