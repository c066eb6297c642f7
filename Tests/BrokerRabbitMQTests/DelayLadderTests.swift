import AMQP
import Testing

@testable import BrokerRabbitMQ

@Suite struct `Delay ladder` {
    private let ladder = DelayLadder.standard

    /// What the broker does with the headers: from the entry level down, wait where it says "1", pass at "0".
    private func walk(_ lap: DelayLap) throws -> Int64 {
        var headers = FieldTable()
        lap.appendHeaders(to: &headers, levels: ladder.levels)
        #expect(headers.count == ladder.levels)
        var total: Int64 = 0
        for level in stride(from: lap.entryLevel, through: 0, by: -1) {
            switch headers["d\(level)"]?.stringValue {
            case "1": total += ladder.holdMilliseconds(atLevel: level)
            case "0": #expect(level != lap.entryLevel, "the entry level must wait")
            default: Issue.record("d\(level) is missing or no string")
            }
        }
        return total
    }

    @Test func `what is due does not enter`() {
        #expect(ladder.lap(milliseconds: 0) == nil)
        #expect(ladder.lap(milliseconds: -1) == nil)
        #expect(ladder.lap(milliseconds: .min) == nil)
    }

    @Test func `every delay is rounded up to the unit, never down`() throws {
        var seed: UInt64 = 42
        for round in 0..<5000 {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            let delay = Int64(seed >> 34) % (ladder.longestLapMilliseconds >> Int64(round % 23)) + 1
            let taken = try walk(try #require(ladder.lap(milliseconds: delay)))
            #expect(taken >= delay && taken < delay + ladder.unitMilliseconds)
        }
    }

    @Test(arguments: [(1, 0, 100), (100, 0, 100), (101, 1, 200), (300, 1, 300), (1300, 3, 1300), (5000, 5, 5000)])
    func `known delays take known ways`(delay: Int64, level: Int, taken: Int64) throws {
        let lap = try #require(ladder.lap(milliseconds: delay))
        #expect(lap.entryLevel == level)
        #expect(try walk(lap) == taken)
    }

    @Test func `a delay beyond the longest lap takes the longest lap`() throws {
        #expect(ladder.longestLapMilliseconds == 838_860_700)
        for delay in [ladder.longestLapMilliseconds, ladder.longestLapMilliseconds + 1, .max] {
            #expect(try walk(try #require(ladder.lap(milliseconds: delay))) == ladder.longestLapMilliseconds)
        }
    }
}
