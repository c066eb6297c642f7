import ArgumentParser
import Distribution
import Testing

@testable import clawcast

/// Numbers that nobody means, from whoever calls a command or from the API.
@Suite("Absurd numbers in commands")
struct CLINumberTests {
    @Test(arguments: ["9223372036854775807", "31536001", "0", "-1", "-9223372036854775808", "1e300", "nan", "inf", ""])
    func `a timeout that nobody can wait for is refused`(text: String) {
        #expect(throws: (any Error).self) { try PlanWaiting.parse(["--wait", "--timeout=\(text)"]) }
    }

    @Test func `a timeout of a second, and of a year, is taken`() throws {
        for seconds in [1, 31_536_000] {
            #expect(try PlanWaiting.parse(["--wait", "--timeout", "\(seconds)"]).timeout == seconds)
        }
    }

    @Test(arguments: [
        (Int64(0), Int64(0), 0), (3, 4, 15), (4, 4, 20), (5, 4, 20), (-5, 4, 0), (.max, .max, 20), (.max, 1, 20),
        (.min, .max, 0), (.max / 2, .max, 10), (1, .min, 0),
    ])
    func `a bar shows what it can`(done: Int64, total: Int64, filled: Int) {
        let bar = ProgressBar.text([done], of: total)
        #expect(bar == String(repeating: "█", count: filled) + String(repeating: "░", count: 20 - filled))
    }

    @Test(arguments: ["9223372036854775807", "-9223372036854775808", "1e300", "-1"])
    func `counts of any size are shown`(number: String) throws {
        let json = try JSON.parse(
            Array(
                """
                {"id":1,"counts":{"total":\(number),"succeeded":\(number),"failed":\(number),"blocked":\(number)},
                 "total":\(number),"replayed":\(number),"skipped":\(number)}
                """.utf8))
        #expect(!PlanWaiting.progress(of: json).isEmpty)
        #expect(DeadRun.progress(of: json, .replay).contains("Replay 1"))
        #expect(!DeadRun.sentence(json, .replay).isEmpty)
    }
}
