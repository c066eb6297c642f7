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
                case 4..<7: #expect(queue.popFirst() == (expected.isEmpty ? nil : expected.removeFirst()))
                default:
                    let unlucky = Int(random.next() % 10)
                    queue.removeAll { $0 % 10 == unlucky }
                    expected.removeAll { $0 % 10 == unlucky }
                }
                #expect(queue.count == expected.count)
                #expect(queue.isEmpty == expected.isEmpty)
                #expect(queue.contains { $0 == number } == expected.contains(number))
            }
            #expect(queue.takeAll() == expected, "seed \(seed)")
            #expect(queue.isEmpty)
        }
    }
}
