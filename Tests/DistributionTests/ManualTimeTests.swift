import Distribution
import DistributionTesting
import Synchronization
import Testing

@Suite struct ManualTimeTests {
    @Test(.timeLimit(.minutes(1)))
    func `wakes sleepers in the order of their moments`() async throws {
        let time = ManualTime()
        let (woken, continuation) = AsyncStream.makeStream(of: Int64.self)
        await withDiscardingTaskGroup { group in
            for delay in [3_000, 1_000, 2_000] as [Int64] {
                let moment = time.now().adding(milliseconds: delay)
                group.addTask {
                    try? await time.sleep(until: moment)
                    continuation.yield(delay)
                }
            }
            await time.waitForSleepers(3)
            var iterator = woken.makeAsyncIterator()
            for expected in [1_000, 2_000, 3_000] as [Int64] {
                #expect(time.advanceToNextSleeper())
                #expect(await iterator.next() == expected)
            }
        }
        #expect(!time.advanceToNextSleeper())
        #expect(time.now() == Sample.now.adding(milliseconds: 3_000))
        #expect(time.monotonicMilliseconds() == 3_000)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a moment that has come does not sleep`() async throws {
        let time = ManualTime()
        try await time.sleep(until: time.now())
        try await time.sleep(until: time.now().adding(milliseconds: -1))
    }

    @Test(.timeLimit(.minutes(1)))
    func `cancellation ends a sleep`() async {
        let time = ManualTime()
        let sleeper = Task { try await time.sleep(until: time.now().adding(milliseconds: 1)) }
        await time.waitForSleepers()
        sleeper.cancel()
        await #expect(throws: CancellationError.self) { try await sleeper.value }
        let late = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await time.sleep(until: time.now().adding(milliseconds: 1))
        }
        await #expect(throws: CancellationError.self) { try await late.value }
    }

    @Test func `setting the clock leaves the monotonic one alone`() {
        let time = ManualTime()
        time.advance(by: 5)
        time.set(Sample.now.adding(milliseconds: -1_000))
        #expect(time.now() == Sample.now.adding(milliseconds: -1_000))
        #expect(time.monotonicMilliseconds() == 5)
    }

    @Test func `a seed replays its chance`() {
        let one = SeededRandomness(seed: 42)
        let other = SeededRandomness(seed: 42)
        for _ in 0..<100 { #expect(one.next() == other.next()) }
        #expect(SeededRandomness(seed: 0).next() == 0xE220_A839_7B1D_CDAF)
    }
}
