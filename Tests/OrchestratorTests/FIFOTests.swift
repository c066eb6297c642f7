import DistributionTesting
import Testing

@testable import Orchestrator

@Suite("FIFO")
struct FIFOTests {
    @Test func `elements come out in the order they went in, whatever happens in between`() {
        for seed in 0..<50 {
            let random = SeededRandomness(seed: UInt64(seed))
            var queue = FIFO<Int>()
            var expected: [Int] = []
            for number in 0..<400 {
                switch random.next() % 8 {
                case 0..<4:
                    queue.append(number)
                    expected.append(number)
                case 4..<7:
                    let (first, next) = (queue.popFirst(), expected.isEmpty ? nil : expected.removeFirst())
                    #expect(first == next)
                default:
                    let unlucky = Int(random.next() % 10)
                    queue.removeAll { $0 % 10 == unlucky }
                    expected.removeAll { $0 % 10 == unlucky }
                }
                #expect(queue.count == expected.count)
                #expect(queue.isEmpty == expected.isEmpty)
                let isThere = queue.contains(where: { $0 == number })
                #expect(isThere == expected.contains(number))
            }
            let rest = queue.takeAll()
            #expect(rest == expected, "seed \(seed)")
            #expect(queue.isEmpty)
        }
    }
}
