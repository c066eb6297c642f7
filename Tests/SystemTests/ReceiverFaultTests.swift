import Distribution
import LocalReceiver
import Orchestrator
import Testing

@testable import clawcast

@Suite("Receivers that misbehave", .timeLimit(.minutes(2)))
struct ReceiverFaultTests {
    /// What one attempt at a target must come to.
    struct Fault: Sendable {
        let url: @Sendable (Receiver) -> String
        var settings: JSONObject = [:]
        let status: JobStatus
        let code: ErrorCode?
        let certainty: Certainty

        static func path(
            _ path: String, _ status: JobStatus, _ code: ErrorCode?, _ certainty: Certainty,
            settings: JSONObject = [:]
        ) -> Fault {
            Fault(
                url: { $0.url(path) }, settings: settings, status: status, code: code, certainty: certainty)
        }

        static func elsewhere(_ url: String, _ code: ErrorCode) -> Fault {
            Fault(url: { _ in url }, status: .failed, code: code, certainty: .unsent)
        }
    }

    private static let once: JSONObject = ["retry": RetryTests.schedule("[]")]
    private static let hasty: JSONObject = [
        "retry": RetryTests.schedule("[]"), "timeouts": .object(["totalSeconds": .number("0.7")]),
    ]

    @Test func `each fault is one attempt with the right code and certainty, and delays no other target`() async throws
    {
        let faults: [Fault] = [
            .path("/big/10000000", .succeeded, nil, .accepted),
            .path("/hang", .failed, .timeout, .ambiguous, settings: Self.hasty),
            .path("/reset-midway", .failed, .connectionReset, .ambiguous, settings: Self.once),
            .path("/reset", .failed, .connectionReset, .ambiguous, settings: Self.once),
            .path("/close", .failed, .connectionReset, .ambiguous, settings: Self.once),
            .path("/status/302", .failed, .httpStatus, .rejected, settings: Self.once),
        ]
        try await TestSystem.with { system in
            let jobs = try await Self.run(faults, on: system)
            for (job, fault) in zip(jobs, faults) {
                let name = fault.url(system.receiver)
                #expect(job.summary.job.status == fault.status, "\(name)")
                #expect(job.attempts.map(\.certainty) == [fault.certainty], "\(name)")
                #expect(job.attempts.first?.error?.code == fault.code, "\(name)")
                #expect((job.attempts.first?.responseExcerpt?.utf8.count ?? 0) <= 4_096, "\(name)")
            }
            #expect(system.receiver.count() == faults.count)
        }
    }

    @Test func `an address that policy refuses is never connected to, and the job is dead at once`() async throws {
        let faults: [Fault] = [
            .elsewhere("https://10.0.0.1/hook", .egressRefused),
            .elsewhere("https://169.254.169.254/latest/meta-data", .egressRefused),
            .elsewhere("https://[::ffff:192.168.0.1]/hook", .egressRefused),
            .elsewhere("http://93.184.216.34/hook", .egressRefused),
        ]
        try await TestSystem.with { system in
            let jobs = try await Self.run(faults, on: system)
            for (job, fault) in zip(jobs, faults) {
                let name = fault.url(system.receiver)
                #expect(job.summary.job.status == .failed, "\(name)")
                #expect(job.summary.job.lastError?.code == .egressRefused, "\(name)")
                #expect(job.attempts.map(\.certainty) == [.unsent], "\(name)")
            }
            let letters = try await QueueReader(system.client, queue: "distribution.dead.webhook")
            for _ in faults { #expect(try await letters.next().header("x-error-code") == "EGRESS_REFUSED") }
        }
    }

    @Test func `loopback is refused where it is not allowed`() async throws {
        try await TestSystem.with {
            $0.egressAllow = []
        } _: { system in
            let target = try await system.createTarget()
            try await system.publish(Plans.owner(key: "inside", targets: [target.id]))
            let failed = try await system.events.wait(type: "job.failed")[0]
            #expect(failed.data["error"]?.objectValue?["code"]?.stringValue == "EGRESS_REFUSED")
            #expect(system.receiver.acceptedConnections == 0)
        }
    }

    @Test func `a host that does not resolve is retried, as it was never sent to`() async throws {
        try await TestSystem.with { system in
            let target = try await system.createTarget(
                url: "https://receiver.invalid/hook", settings: ["retry": RetryTests.schedule("[0.1]")])
            try await system.publish(Plans.owner(key: "nowhere", targets: [target.id]))
            let completed = try await system.events.wait(type: "plan.completed")[0]
            let job = try await system.onlyJob(of: completed)
            #expect(job.attempts.map(\.certainty) == [.unsent, .unsent])
            #expect(job.attempts.map { $0.error?.code } == [.dnsFailed, .dnsFailed])
            #expect(job.summary.job.status == .failed)
        }
    }

    @Test func `a port where nobody listens is retried, as it was never sent to`() async throws {
        try await TestSystem.with { system in
            let gone = try await Receiver.start()
            let url = gone.url("/ok")
            await gone.stop()
            let target = try await system.createTarget(
                url: url, settings: ["retry": RetryTests.schedule("[0.1]")])
            try await system.publish(Plans.owner(key: "closed", targets: [target.id]))
            let completed = try await system.events.wait(type: "plan.completed")[0]
            let job = try await system.onlyJob(of: completed)
            #expect(job.attempts.map { $0.error?.code } == [.connectFailed, .connectFailed])
            #expect(job.attempts.map(\.certainty) == [.unsent, .unsent])
        }
    }

    /// One plan to a target of each fault; the jobs in the order of the faults.
    private static func run(_ faults: [Fault], on system: TestSystem) async throws -> [JobSnapshot] {
        var targets: [TargetID] = []
        for fault in faults {
            let target = try await system.createTarget(url: fault.url(system.receiver), settings: fault.settings)
            targets.append(target.id)
        }
        try await system.publish(Plans.owner(key: "faults", targets: targets))
        let completed = try await system.events.wait(type: "plan.completed")[0]
        let plan = try await system.snapshot(of: completed)
        var jobs: [TargetID: JobSnapshot] = [:]
        for summary in plan.jobs {
            jobs[summary.job.targetID] = try await system.service.useCases.job(
                summary.job.id, domainID: TestSystem.domain)
        }
        return try targets.map { try #require(jobs[$0]) }
    }
}
