import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Runs over dead letters", .timeLimit(.minutes(1)))
struct DeadLetterRunnerTests {
    private let world = World()

    /// Jobs that have died, one a plan.
    private func deadJobs(_ count: Int, isOpen: Bool = false, in other: World? = nil) async throws -> [OwedJob] {
        let world = other ?? world
        let target = try await world.addTarget(retry: RetryPolicy(schedule: .explicit([])), isOpen: isOpen)
        let owed = try await world.owe(plans: count, to: [target])
        for job in owed {
            world.receiver.answerNext(target.id, .rejected(statusCode: 500, retryAfter: nil))
            _ = await world.attempt.run(IncomingJobMessage(job))
        }
        return owed
    }

    private func replay(rate: Int, key: String? = nil, targetID: TargetID? = nil) -> NewDeadLetterRun {
        NewDeadLetterRun(
            domainID: World.domain, kind: .replay, selection: DeadLetterSelection(targetID: targetID),
            idempotencyKey: key, ratePerSecond: rate)
    }

    private func handled(_ world: World) -> Int { world.ledger.inspect { $0.runs.first?.handled ?? 0 } }

    @Test func `a replay is accepted at once, and no faster than it was asked to be`() async throws {
        _ = try await deadJobs(7)
        try await world.run([.runner]) {
            let accepted = try await world.useCases.startRun(replay(rate: 10))
            #expect((accepted.run.total, accepted.run.status, accepted.isRepetition) == (7, .running, false))
            for expected in [2, 4, 6] {
                await world.time.waitForSleepers()
                #expect(handled(world) == expected)
                await world.pass(200)
            }
            await world.ledger.until { $0.runs.first?.status == .done }
        }
        #expect(handled(world) == 7)
        #expect(world.owedEvents().count { $0.hasSuffix("job.replayed") } == 7)
    }

    @Test func `a replay goes on in the next process, and no letter is replayed twice`() async throws {
        let dead = try await deadJobs(6)
        try await world.run([.runner]) {
            _ = try await world.useCases.startRun(replay(rate: 10))
            await world.time.waitForSleepers()
        }
        #expect(handled(world) == 2)
        let next = World(ledger: world.ledger.crash(), time: world.time)
        try await next.run([.runner]) {
            await next.time.waitForSleepers()
            #expect(handled(next) == 4)
            await next.pass(200)
            await next.ledger.until { $0.runs.first?.status == .done }
        }
        #expect(handled(next) == 6)
        #expect(
            next.ledger.inspect { tables in dead.map { tables.job($0.claim.jobID)?.job.epoch } }.allSatisfy { $0 == 2 })
        #expect(next.owedEvents().count { $0.hasSuffix("job.replayed") } == 6)
    }

    @Test func `a ledger that cannot be written to for a while holds a replay up, and is told of once`() async throws {
        let log = RecordedLog()
        let world = World(logger: log.logger)
        _ = try await deadJobs(2, in: world)
        try await world.run([.runner, .gate]) {
            let run = try await world.useCases.startRun(replay(rate: 5)).run
            await world.time.waitForSleepers()
            world.ledger.becomeUnavailable()
            // The runner's and, once it has found out, that of who tries the ledger out.
            await world.pass(200)
            for _ in 0..<5 { await world.pass(5_000, sleepers: 2) }
            world.ledger.recover()
            while handled(world) < 2 {
                if !world.time.advanceToNextSleeper() { await Task.yield() }
            }
            #expect(try await world.useCases.run(run.id, .replay, domainID: World.domain).handled == 2)
        }
        #expect(log.count(of: "The ledger cannot be written") == 1)
        #expect(log.count(of: "A run over dead letters could not go on.") == 0)
    }

    @Test func `at the ledger's limit a purge begins and goes on, while a replay waits until there is room`()
        async throws
    {
        let dead = try await deadJobs(4)
        let useCases = world.useCases
        world.ledger.failNext(.accept, obstacle: .atLimit)
        try await world.run([.runner]) {
            let waiting = try await useCases.startRun(replay(rate: 1)).run
            await world.ledger.until { $0.runs.first?.handled == 1 }
            _ = await refusal { _ = try await useCases.submitPlan(Sample.planRequest()) }
            #expect(world.gate.failure?.obstacle == .atLimit)
            let refused = await refusal { _ = try await useCases.startRun(replay(rate: 1)) }
            #expect(refused?.code == .ledgerUnavailable)
            let ids = dead.dropFirst(2).map(\.claim.jobID)
            let purge = NewDeadLetterRun(
                domainID: World.domain, kind: .purge, selection: DeadLetterSelection(jobIDs: Set(ids)),
                ratePerSecond: 1_000)
            let run = try await useCases.startRun(purge).run
            while world.ledger.inspect({ $0.runs.last?.status }) != .done {
                if !world.time.advanceToNextSleeper() { await Task.yield() }
            }
            #expect(try await useCases.run(run.id, .purge, domainID: World.domain).handled == 2)
            #expect(handled(world) == 1)
            let cancelled = try await useCases.cancelRun(waiting.id, .replay, domainID: World.domain)
            #expect(cancelled.run.status == .cancelled)
            #expect(world.gate.failure?.obstacle == .atLimit, "nobody has tried it out")
        }
    }

    @Test func `in any other trouble a purge is refused as everything is`() async throws {
        _ = try await deadJobs(1)
        let useCases = world.useCases
        world.ledger.failNext(.accept, obstacle: .full)
        _ = await refusal { _ = try await useCases.submitPlan(Sample.planRequest()) }
        let purge = NewDeadLetterRun(domainID: World.domain, kind: .purge, selection: DeadLetterSelection())
        let refused = await refusal { _ = try await useCases.startRun(purge) }
        #expect(refused?.code == .ledgerUnavailable)
        #expect(world.ledger.inspect { $0.runs.isEmpty })
    }

    @Test func `what is replayed is delivered, and a repeated request is the same run`() async throws {
        let dead = try await deadJobs(3, isOpen: true)
        let useCases = world.useCases
        try await world.run([.runner, .releaser, .dispatcher]) {
            let first = try await useCases.startRun(replay(rate: 1_000, key: "k"))
            await world.ledger.until { $0.jobs.allSatisfy { $0.job.status == .succeeded } }
            await world.ledger.until { $0.runs.first?.status == .done }
            let again = try await useCases.startRun(replay(rate: 1_000, key: "k"))
            #expect((again.run.id, again.isRepetition, again.run.handled) == (first.run.id, true, 3))
            let other = replay(rate: 1, key: "k")
            let reused = await refusal { _ = try await useCases.startRun(other) }
            #expect(reused?.code == .idempotencyKeyReused)
            let done = await refusal { _ = try await useCases.cancelRun(first.run.id, .replay, domainID: World.domain) }
            #expect(done?.code == .runCancelForbidden)
            let unknown = await refusal { _ = try await useCases.run(first.run.id, .purge, domainID: World.domain) }
            #expect(unknown?.code == .runNotFound)
        }
        #expect(world.receiver.seen.deliveries.count == 2 * dead.count)
    }

    @Test func `a purge takes letters out of the list for good, and a run that is called off stops`() async throws {
        let dead = try await deadJobs(4)
        let useCases = world.useCases
        try await world.run([.runner]) {
            let purge = NewDeadLetterRun(
                domainID: World.domain, kind: .purge,
                selection: DeadLetterSelection(jobIDs: [dead[0].claim.jobID]), ratePerSecond: 1_000)
            _ = try await useCases.startRun(purge)
            await world.ledger.until { $0.runs.first?.status == .done }
            let gone = await refusal { _ = try await useCases.deadLetter(dead[0].claim.jobID, domainID: World.domain) }
            #expect(gone?.code == .deadLetterExpired)
            let retried = await refusal { _ = try await useCases.retryJob(dead[0].claim.jobID, domainID: World.domain) }
            #expect(retried?.code == .deadLetterExpired)

            let run = try await useCases.startRun(replay(rate: 1)).run
            await world.ledger.until { $0.runs.last?.handled == 1 }
            let cancelled = try await useCases.cancelRun(run.id, .replay, domainID: World.domain)
            #expect((cancelled.run.status, cancelled.isRepetition) == (.cancelled, false))
            #expect(try await useCases.cancelRun(run.id, .replay, domainID: World.domain).isRepetition)
        }
        #expect(world.ledger.inspect { $0.jobs.count { $0.isDeadLetter } } == 2)
    }
}
