import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Attempt slots")
struct AttemptSlotsTests {
    private let first = TargetID(1)
    private let second = TargetID(2)
    private let third = TargetID(3)

    @Test func `work of one target starts in the order it came, up to the target's own limit`() {
        var slots = AttemptSlots<Int>(limit: 10)
        for number in 1...4 { slots.enqueue(number, of: first, targetLimit: 2) }
        #expect(slots.startAll() == [1, 2])
        slots.finish(first)
        #expect(slots.startAll() == [3])
        #expect(slots.inFlight == 2)
    }

    @Test func `the global limit holds over all targets`() {
        var slots = AttemptSlots<Int>(limit: 3)
        for target in [first, second, third] {
            slots.enqueue(Int(target.rawValue), of: target, targetLimit: 9)
            slots.enqueue(Int(target.rawValue) * 10, of: target, targetLimit: 9)
        }
        #expect(slots.startAll() == [1, 2, 3])
        slots.finish(second)
        #expect(slots.startAll().count == 1)
        #expect(slots.inFlight == 3)
    }

    @Test func `targets with waiting work take turns`() {
        var slots = AttemptSlots<Int>(limit: 100)
        for number in 0..<3 { slots.enqueue(number, of: first, targetLimit: 50) }
        for number in 10..<13 { slots.enqueue(number, of: second, targetLimit: 50) }
        #expect(slots.startAll() == [0, 10, 1, 11, 2, 12])
    }

    @Test func `above half of the limit a target gets no more than its fair share`() {
        var slots = AttemptSlots<Int>(limit: 8)
        for number in 0..<20 { slots.enqueue(number, of: first, targetLimit: 20) }
        // Alone it may take everything.
        #expect(slots.startAll().count == 8)
        slots.enqueue(100, of: second, targetLimit: 20)
        for _ in 0..<4 { slots.finish(first) }
        // Four of the first still run, which is its half by now: only the newcomer starts.
        #expect(slots.startAll() == [100])
    }

    @Test func `withdrawn work does not start, and what runs keeps its slot`() {
        var slots = AttemptSlots<Int>(limit: 4)
        for number in 0..<3 { slots.enqueue(number, of: first, targetLimit: 1) }
        #expect(slots.startAll() == [0])
        #expect(slots.withdraw(first) == [1, 2])
        slots.finish(first)
        #expect(slots.startAll() == [])
        #expect(slots.inFlight == 0)
    }

    @Test func `under any sequence no limit is exceeded and no work is lost or started twice`() {
        for seed in 0..<200 {
            let random = SeededRandomness(seed: UInt64(seed))
            var slots = AttemptSlots<Int>(limit: 1 + Int(random.next() % 12))
            var running: [TargetID: Int] = [:]
            var limits: [TargetID: Int] = [:]
            var enqueued = 0
            var started: [Int] = []
            var owners: [Int: TargetID] = [:]
            for _ in 0..<300 {
                let target = TargetID(Int64(random.next() % 6))
                if random.next() % 2 == 0 {
                    limits[target] = limits[target] ?? 1 + Int(random.next() % 5)
                    slots.enqueue(enqueued, of: target, targetLimit: limits[target] ?? 1)
                    owners[enqueued] = target
                    enqueued += 1
                } else if let busy = running.filter({ $0.value > 0 }).keys.sorted().first {
                    running[busy, default: 0] -= 1
                    slots.finish(busy)
                }
                let (mayStart, before) = (slots.mayStart, started.count)
                while let work = slots.next() {
                    started.append(work)
                    if let owner = owners[work] { running[owner, default: 0] += 1 }
                }
                #expect(mayStart == (started.count > before), "seed \(seed)")
                #expect(slots.inFlight <= slots.limit)
                for (target, count) in running { #expect(count <= limits[target] ?? 0) }
            }
            while let busy = running.filter({ $0.value > 0 }).keys.sorted().first {
                running[busy, default: 0] -= 1
                slots.finish(busy)
                while let work = slots.next() {
                    started.append(work)
                    if let owner = owners[work] { running[owner, default: 0] += 1 }
                }
            }
            #expect(started.sorted() == Array(0..<enqueued), "seed \(seed)")
        }
    }
}

extension AttemptSlots {
    fileprivate mutating func startAll() -> [Work] {
        var started: [Work] = []
        while let work = next() { started.append(work) }
        return started
    }
}
