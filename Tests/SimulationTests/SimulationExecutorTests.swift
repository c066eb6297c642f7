import Distribution
import DistributionTesting
import Synchronization
import Testing

@Suite("Simulation executor")
struct SimulationExecutorTests {
    /// A world without anything in it, and a log of what was done.
    private final class Bench: Sendable {
        let trace = SimulationTrace()
        let executor: SimulationExecutor
        let time: SimulatedTime
        private let entries = Mutex<[String]>([])

        init(seed: UInt64) {
            let chance = SeededRandomness(seed: seed)
            executor = SimulationExecutor(chance: chance, trace: trace)
            time = SimulatedTime(executor: executor, chance: chance)
        }

        var log: [String] { entries.withLock { $0 } }

        func write(_ entry: String) {
            entries.withLock { $0.append(entry) }
        }

        func run(_ body: @escaping @Sendable (Bench) async -> Void) -> SimulationExecutor.End {
            Task(executorPreference: executor) { await body(self) }
            return executor.run(maxSteps: 10_000) { _ in false }
        }
    }

    @Test func `tasks run in an order that the seed decides, and a seed replays its order`() {
        func order(_ seed: UInt64) -> [String] {
            let bench = Bench(seed: seed)
            let end = bench.run { bench in
                await withDiscardingTaskGroup { group in
                    for number in 0..<8 { group.addTask { bench.write("\(number)") } }
                }
            }
            #expect(end == .stalled)
            return bench.log
        }
        let orders = (1...20).map { order($0) }
        #expect(orders == (1...20).map { order($0) })
        #expect(Set(orders).count > 10)
        #expect(orders.allSatisfy { Set($0).count == 8 })
    }

    @Test func `the clock moves only when nothing is ready, and nobody wakes early`() {
        let bench = Bench(seed: 7)
        let start = bench.time.now()
        _ = bench.run { bench in
            await withDiscardingTaskGroup { group in
                for delay in [Int64(500), 20, 300] {
                    group.addTask {
                        try? await bench.time.sleep(until: start.adding(milliseconds: delay))
                        bench.write("\(delay) \(bench.time.now() >= start.adding(milliseconds: delay))")
                    }
                }
                group.addTask { bench.write("now \(bench.time.now() == start)") }
            }
        }
        #expect(bench.log == ["now true", "20 true", "300 true", "500 true"])
    }

    @Test func `a sleeper that is cancelled wakes at once`() {
        let bench = Bench(seed: 7)
        let start = bench.time.now()
        _ = bench.run { bench in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    do {
                        try await bench.time.sleep(until: start.adding(milliseconds: 60_000))
                        bench.write("slept")
                    } catch {
                        bench.write("\(error is CancellationError) \(bench.time.now() == start)")
                    }
                }
                group.cancelAll()
            }
        }
        #expect(bench.log == ["true true"])
    }

    @Test func `a world that nobody ends is given up after so many steps`() {
        let bench = Bench(seed: 7)
        Task(executorPreference: bench.executor) {
            while !Task.isCancelled, bench.time.now() < Sample.now.adding(milliseconds: 10_000) {
                await bench.time.pause(1)
            }
        }
        #expect(bench.executor.run(maxSteps: 100) { _ in false } == .exhausted)
        #expect(bench.executor.run(maxSteps: 1_000_000) { _ in false } == .stalled)
    }

    @Test func `a seed leaves the same trace each time, and another seed another`() {
        let hashes = (1...10).map { SimulationRun.execute(seed: $0, SimulationOptions()).traceHash }
        #expect(hashes == (1...10).map { SimulationRun.execute(seed: $0, SimulationOptions()).traceHash })
        #expect(Set(hashes).count == 10)
    }
}
