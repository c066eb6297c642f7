import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Sizes of bodies", .timeLimit(.minutes(1)))
struct BodySizesTests {
    private static let mebibyte = 1 << 20
    private let settings = OrchestratorSettings()

    private func later(_ milliseconds: Int64) -> Timestamp { Sample.now.adding(milliseconds: milliseconds) }

    /// Notes bodies of one size.
    ///
    /// - Returns: How often the estimate changed.
    @discardableResult
    private func note(_ bytes: Int, times: Int, in sizes: inout BodySizes, at now: Timestamp = Sample.now) -> Int {
        (0..<times).count { _ in sizes.note(bytes, at: now) }
    }

    @Test func `small bodies change nothing, whatever their sizes`() {
        var sizes = BodySizes()
        for bytes in [1, 4_096, 700, 3] { #expect(note(bytes, times: 100, in: &sizes) == 0) }
        #expect(settings.prefetch(ofTargets: 1, bodies: sizes.estimate) == 16)
        #expect(settings.prefetch(ofTargets: 1_000, bodies: sizes.estimate) == 8)
        #expect(settings.prefetch(ofTargets: 100_000, bodies: sizes.estimate) == 2)
    }

    @Test func `large bodies are reckoned with at once, and bound what a target holds, and what all do`() {
        var sizes = BodySizes()
        #expect(note(Self.mebibyte, times: 1, in: &sizes) == 1)
        #expect(sizes.estimate == BodySizes.Estimate(mean: Self.mebibyte, largest: Self.mebibyte))
        for (targets, expected) in [(1, 4), (8, 4), (16, 2), (100, 1), (10_000, 1)] {
            #expect(settings.prefetch(ofTargets: targets, bodies: sizes.estimate) == expected, "\(targets)")
        }
        let medium = BodySizes.Estimate(mean: 100_000, largest: 100_000)
        #expect(settings.prefetch(ofTargets: 1, bodies: medium) == 16)
        #expect(settings.prefetch(ofTargets: 50, bodies: medium) == 6)
        #expect(note(Self.mebibyte, times: 500, in: &sizes) == 0)
    }

    @Test func `few large ones among many small bound the target alone`() {
        var sizes = BodySizes()
        note(1_000, times: 63, in: &sizes)
        #expect(note(Self.mebibyte, times: 1, in: &sizes) == 1)
        #expect(sizes.estimate.largest == Self.mebibyte)
        #expect(sizes.estimate.mean < 21_000)
        #expect(settings.prefetch(ofTargets: 100, bodies: sizes.estimate) == 4)
    }

    @Test func `smaller ones are reckoned with once many have come, a minute after the last change at the earliest`() {
        var sizes = BodySizes()
        note(Self.mebibyte, times: 1, in: &sizes)
        #expect(note(1_000, times: 1_000, in: &sizes, at: later(59_999)) == 0)
        #expect(sizes.estimate.largest == Self.mebibyte)
        #expect(note(1_000, times: BodySizes.windowSize, in: &sizes, at: later(60_000)) == 1)
        #expect(sizes.estimate.largest == BodySizes.floor)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `whatever comes, a target's consumer is seldom renewed, and never too late`(seed: UInt64) {
        let chance = SeededRandomness(seed: seed)
        var sizes = BodySizes()
        var changes = 0
        for second in 0..<600 {
            for _ in 0..<100 {
                let bytes = chance.unitInterval() < 0.01 ? Self.mebibyte : 2_000
                if sizes.note(bytes, at: later(Int64(second) * 1_000)) { changes += 1 }
                #expect(sizes.estimate.largest * 2 > bytes)
            }
        }
        // Ten minutes: one to smaller ones a minute, and what leads back.
        #expect(changes <= 10 * 10, "\(changes)")
    }

    @Test func `a plan with large bodies narrows its target's consumer before they come, and only its`() async throws {
        let world = World()
        let small = try await world.addTarget()
        let large = try await world.addTarget()
        try await world.run([.queues]) {
            await world.broker.until { $0.queues.byKey.values.count { $0.prefetch == 16 } == 2 }
            world.queues.noteBodies([(small.id, 300), (large.id, 900_000), (large.id, 900_000), (TargetID(99), 1)])
            await world.broker.until { $0.queues[large.queue]?.prefetch == 4 }
            world.queues.noteBodies(Array(repeating: (target: large.id, bytes: 900_000), count: 100))
            // A revision of the target leaves what is known of it.
            var revised = try #require(world.directory.target(large.id))
            revised.revision += 1
            world.directory.put(revised)
            world.queues.targetChanged(large.id)
            let other = try await world.addTarget()
            world.queues.targetChanged(other.id)
            await world.broker.until { $0.openings.contains(other.id) }
        }
        #expect(world.broker.record.queues[small.queue]?.prefetch == 16)
        #expect(world.broker.record.openings.count { $0 == large.id } == 2)
    }
}
