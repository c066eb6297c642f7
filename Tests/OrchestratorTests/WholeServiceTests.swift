import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

/// All parts together, under faults that a seed chooses.
@Suite("The whole service", .timeLimit(.minutes(1)))
struct WholeServiceTests {
    private static let plans = 12
    private static let targets = 4
    private static let retry = RetryPolicy(schedule: .explicit([500, 500, 500, 500, 500, 500, 500, 500]), jitter: 0.1)

    @Test("Whatever goes wrong, each job ends, succeeds once, and every event is told in order", arguments: 0..<25)
    func nothingIsLost(seed: Int) async throws {
        let random = SeededRandomness(seed: UInt64(seed))
        let world = World(settings: OrchestratorSettings(concurrency: 8), seed: UInt64(seed))
        var targets: [Target] = []
        for _ in 0..<Self.targets { targets.append(try await world.addTarget(maxInFlight: 3, retry: Self.retry)) }
        try await world.run(Set(World.Part.allCases)) {
            for number in 0..<Self.plans {
                let message = PlanMessages.plan(key: "key-\(number)")
                world.broker.send(message)
                if random.next() % 4 == 0 { world.broker.send(message) }
                makeTrouble(world, targets, random)
                for _ in 0..<random.next() % 20 { await Task.yield() }
                world.broker.advance(by: Int64(random.next() % 300))
            }
            world.broker.connect()
            await settle(world)
        }
        try check(world, delivered: tally([world]), atMost: 1)
    }

    @Test("A crash repeats a delivery only where nobody can know whether it arrived", arguments: 0..<25)
    func crashes(seed: Int) async throws {
        let random = SeededRandomness(seed: UInt64(seed) + 1_000)
        let time = ManualTime()
        let dying = World(settings: OrchestratorSettings(concurrency: 8), time: time, seed: UInt64(seed))
        var targets: [Target] = []
        for _ in 0..<Self.targets { targets.append(try await dying.addTarget(maxInFlight: 3, retry: Self.retry)) }
        var left: World?
        try await dying.run(Set(World.Part.allCases)) {
            for number in 0..<Self.plans { dying.broker.send(PlanMessages.plan(key: "key-\(number)")) }
            makeTrouble(dying, targets, random)
            // Somewhere between the first plan and the last attempt, with attempts of one target under way.
            dying.receiver.hold(targets[0].id)
            let progress = Int(random.next() % 36)
            while dying.ledger.inspect({ $0.jobs.count { !$0.attempts.isEmpty } }) < progress {
                await Task.yield()
                dying.broker.advance(by: 5)
            }
            left = World(
                settings: dying.settings, ledger: dying.ledger.crash(), broker: dying.broker.crash(), time: time,
                seed: UInt64(seed) + 1)
        }
        let world = try #require(left)
        _ = try await world.ledger.closeAbandonedAttempts(at: time.now())
        for target in try await world.ledger.allTargets() { world.directory.put(target) }
        world.releaser.sweepLedger()
        world.deadLetters.deadLetterOwed()
        try await world.run(Set(World.Part.allCases)) { await settle(world) }
        try check(world, delivered: tally([dying, world]), atMost: 2)
    }

    // MARK: Faults

    private func makeTrouble(_ world: World, _ targets: [Target], _ random: SeededRandomness) {
        let target = targets[Int(random.next() % UInt64(targets.count))].id
        switch random.next() % 8 {
        case 0: world.broker.answerNext(.jobs, .refuse, .loseConfirm, .confirm, .loseConfirm)
        case 1: world.broker.answerNext(.events, .loseConfirm, .confirm, .refuse)
        case 2:
            world.broker.disconnect()
            world.broker.connect()
            world.releaser.sweepLedger()
        case 3: world.ledger.failNext([.accept, .begin, .record, .confirm][Int(random.next() % 4)], times: 3)
        case 4: world.receiver.answerNext(target, .rejected(statusCode: 503, retryAfter: nil))
        case 5:
            world.receiver.answerNext(target, .failed(code: .timeout, message: "No answer.", certainty: .ambiguous))
        case 6: for job in world.broker.record.jobs.suffix(3) { world.broker.inject(job) }
        default: break
        }
    }

    /// Lets time pass until nothing is left to do.
    private func settle(_ world: World) async {
        while !isSettled(world) {
            for _ in 0..<20 { await Task.yield() }
            world.broker.advance(by: 100)
        }
    }

    private func isSettled(_ world: World) -> Bool {
        let record = world.broker.record
        let isEmpty = record.queues.byKey.values.allSatisfy { $0.ready.isEmpty && $0.inHand == 0 }
        return isEmpty && record.queues.delayed.isEmpty
            && world.ledger.inspect { tables in
                tables.plans.count == Self.plans && tables.plans.allSatisfy { $0.plan.status.isFinal }
                    && tables.events.isEmpty
            }
    }

    // MARK: What must hold

    private func tally(_ worlds: [World]) -> [DeliveryID: Int] {
        var deliveries: [DeliveryID: Int] = [:]
        for world in worlds {
            for delivery in world.receiver.seen.deliveries { deliveries[delivery.attempt.deliveryID, default: 0] += 1 }
        }
        return deliveries
    }

    private func check(_ world: World, delivered: [DeliveryID: Int], atMost: Int) throws {
        world.ledger.inspect { tables in
            #expect(tables.jobs.count == Self.plans * Self.targets)
            for row in tables.jobs {
                #expect(row.job.status == .succeeded)
                let closed = row.attempts.map(\.attempt)
                #expect(closed.count { $0.certainty == .accepted } == 1)
                #expect(closed.map(\.number) == Array(1...max(1, closed.count)))
                #expect(closed.allSatisfy { $0.finishedAt != nil })
                // Each request that arrived has its attempt in the ledger; a crash may leave one that did not leave.
                let requests = delivered[row.job.deliveryID, default: 0]
                let unsure = closed.count { $0.certainty == .ambiguous && $0.error?.code == .connectionReset }
                #expect((closed.count - unsure...closed.count).contains(requests))
                #expect(unsure < atMost)
            }
        }
        try checkEvents(world)
    }

    /// Each event has come, and read by their last copies the events of each plan are in the order of their sequence: a
    /// batch of which something was refused is published again whole.
    private func checkEvents(_ world: World) throws {
        var last: [String: Int64] = [:]
        var seen: Set<String> = []
        let lastCopies = world.broker.record.events.reversed().filter { seen.insert($0.id).inserted }.reversed()
        for event in lastCopies {
            let object = try #require(try JSON.parse(event.body).objectValue)
            guard let subject = object["subject"]?.stringValue, subject.hasPrefix("plans/"),
                let sequence = object["sequence"]?.stringValue.flatMap({ Int64($0) })
            else { continue }
            let plan = String(subject.split(separator: "/")[1])
            #expect(sequence == last[plan, default: 0] + 1)
            last[plan] = sequence
        }
        #expect(last.count == Self.plans)
        for row in world.ledger.inspect({ $0.plans }) { #expect(last["\(row.plan.id)"] == row.sequence) }
    }
}
