import Distribution
import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("Attempt slots")
struct AttemptSlotsTests {
    private let first = TargetID(1)
    private let second = TargetID(2)
    private let third = TargetID(3)

    @Test func `work of one target starts in the order it came, up to what its governor allows`() {
        var slots = Lanes(limit: 10, limits: [first: 2])
        for number in 1...4 { slots.enqueue(number, of: first) }
        #expect(slots.startAll() == [1, 2])
        slots.finish(first)
        #expect(slots.startAll() == [3])
        #expect(slots.slots.inFlight == 2)
    }

    @Test func `the global limit holds over all targets`() {
        var slots = Lanes(limit: 3)
        for target in [first, second, third] {
            slots.enqueue(Int(target.rawValue), of: target)
            slots.enqueue(Int(target.rawValue) * 10, of: target)
        }
        #expect(slots.startAll() == [1, 2, 3])
        slots.finish(second)
        #expect(slots.startAll().count == 1)
        #expect(slots.slots.inFlight == 3)
    }

    @Test func `targets with waiting work take turns`() {
        var slots = Lanes(limit: 100)
        for number in 0..<3 { slots.enqueue(number, of: first) }
        for number in 10..<13 { slots.enqueue(number, of: second) }
        #expect(slots.startAll() == [0, 10, 1, 11, 2, 12])
    }

    @Test func `above half of the limit a target gets no more than its fair share`() {
        var slots = Lanes(limit: 8)
        for number in 0..<20 { slots.enqueue(number, of: first) }
        // Alone it may take everything.
        #expect(slots.startAll().count == 8)
        slots.enqueue(100, of: second)
        for _ in 0..<4 { slots.finish(first) }
        // Four of the first still run, which is its half by now: only the newcomer starts.
        #expect(slots.startAll() == [100])
    }

    @Test func `a target that is held back takes no share, and goes on when it is woken`() {
        var slots = Lanes(limit: 4)
        let time = Sample.now.adding(milliseconds: 5_000)
        slots.waits = [first: time]
        for number in 0..<3 { slots.enqueue(number, of: first) }
        for number in 10..<14 { slots.enqueue(number, of: second) }
        // The second is alone among those that compete, so that all slots are its.
        #expect(slots.startAll() == [10, 11, 12, 13])
        let alarms = slots.slots.takeAlarms()
        #expect(alarms.map(\.target) == [first] && alarms.map(\.at) == [time])
        #expect(slots.slots.takeAlarms().isEmpty)
        slots.enqueue(3, of: first)
        for _ in 0..<4 { slots.finish(second) }
        #expect(slots.startAll() == [])
        slots.waits = [:]
        slots.slots.wake(first)
        #expect(slots.startAll() == [0, 1, 2, 3])
    }

    @Test func `withdrawn work does not start, and what runs keeps its slot`() {
        var slots = Lanes(limit: 4, limits: [first: 1])
        for number in 0..<3 { slots.enqueue(number, of: first) }
        #expect(slots.startAll() == [0])
        #expect(slots.slots.withdraw(first) == [1, 2])
        slots.finish(first)
        #expect(slots.startAll() == [])
        #expect(slots.slots.inFlight == 0)
        slots.enqueue(4, of: first)
        #expect(slots.startAll() == [4])
    }

    @Test func `under any sequence no limit is exceeded and no work is lost or started twice`() {
        for seed in 0..<200 {
            let random = SeededRandomness(seed: UInt64(seed))
            let limits = Dictionary(
                uniqueKeysWithValues: (0..<6).map { (TargetID($0), 1 + Int(random.next() % 5)) })
            var slots = Lanes(limit: 1 + Int(random.next() % 12), limits: limits)
            var enqueued = 0
            var started: [Int] = []
            for _ in 0..<300 {
                let target = TargetID(Int64(random.next() % 6))
                switch random.next() % 5 {
                case 0, 1:
                    slots.enqueue(enqueued, of: target)
                    enqueued += 1
                case 2: slots.waits[target] = Sample.now
                case 3:
                    slots.waits[target] = nil
                    slots.slots.wake(target)
                default: if let busy = slots.busy { slots.finish(busy) }
                }
                started += slots.startAll()
                #expect(slots.slots.inFlight <= slots.slots.limit)
                #expect(slots.slots.inFlight == slots.running.values.reduce(0, +))
            }
            slots.waits = [:]
            for target in limits.keys.sorted() { slots.slots.wake(target) }
            started += slots.startAll()
            while let busy = slots.busy {
                slots.finish(busy)
                started += slots.startAll()
            }
            #expect(started.sorted() == Array(0..<enqueued), "seed \(seed)")
        }
    }
}

/// Slots whose governors allow so many at once, or nothing before a time.
private struct Lanes {
    var slots: AttemptSlots<Int>
    let limits: [TargetID: Int]
    var waits: [TargetID: Timestamp] = [:]
    var running: [TargetID: Int] = [:]

    init(limit: Int, limits: [TargetID: Int] = [:]) {
        slots = AttemptSlots(limit: limit)
        self.limits = limits
    }

    /// The first target with something running.
    var busy: TargetID? { running.filter { $0.value > 0 }.keys.min() }

    mutating func enqueue(_ work: Int, of target: TargetID) { slots.enqueue(work, of: target) }

    mutating func startAll() -> [Int] {
        var started: [Int] = []
        while true {
            var admitted: TargetID?
            let work = slots.next { [limits, waits, running] target in
                if let until = waits[target] { return .wait(until: until) }
                guard running[target, default: 0] < limits[target, default: .max] else { return .full }
                admitted = target
                return .start
            }
            guard let work, let admitted else { return started }
            running[admitted, default: 0] += 1
            started.append(work)
        }
    }

    mutating func finish(_ target: TargetID) {
        running[target, default: 0] -= 1
        slots.finish(target)
    }
}
