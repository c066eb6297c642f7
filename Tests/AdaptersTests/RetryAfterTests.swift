import Distribution
import DistributionTesting
import Testing

@testable import Adapters

@Suite struct RetryAfterTests {
    private static let sevenDays: Int64 = 604_800_000

    @Test(
        arguments: [
            ("0", 0), ("1", 1_000), ("120", 120_000), (" 5\t", 5_000), ("007", 7_000), ("604800", sevenDays),
            ("604801", sevenDays), ("99999999999999999999999999", sevenDays), ("9223372036854775807", sevenDays),
        ] as [(String, Int64)])
    func `seconds are honoured up to seven days`(_ header: String, _ milliseconds: Int64) {
        #expect(RetryAfter(header: header, date: nil, now: Sample.now)?.milliseconds == milliseconds)
    }

    @Test(arguments: ["", " ", "-5", "+5", "5.5", "5s", "1e3", "0x10", "٥", "5, 6", "soon", "Sun, 06 Nov"])
    func `what is neither seconds nor a date counts as absent`(_ header: String) {
        #expect(RetryAfter(header: header, date: nil, now: Sample.now) == nil)
    }

    @Test(arguments: [
        "Mon, 06 Apr 2026 10:01:00 GMT", "Monday, 06-Apr-26 10:01:00 GMT", "Mon Apr  6 10:01:00 2026",
    ])
    func `a date counts from now where the answer has no Date`(_ header: String) {
        #expect(RetryAfter(header: header, date: nil, now: Sample.now)?.milliseconds == 60_000)
        #expect(RetryAfter(header: header, date: "yesterday", now: Sample.now)?.milliseconds == 60_000)
    }

    @Test func `a date counts from the answer's own Date, however wrong that clock is`() {
        let retryAfter = RetryAfter(
            header: "Fri, 02 Jan 1970 00:00:30 GMT", date: "Fri, 02 Jan 1970 00:00:00 GMT", now: Sample.now)
        #expect(retryAfter?.milliseconds == 30_000)
    }

    @Test func `a date that has passed means at once, one far away seven days`() {
        let past = RetryAfter(header: "Mon, 06 Apr 2026 09:59:59 GMT", date: nil, now: Sample.now)
        #expect(past?.milliseconds == 0)
        let far = RetryAfter(header: "Fri, 31 Dec 9999 23:59:59 GMT", date: nil, now: Sample.now)
        #expect(far?.milliseconds == Self.sevenDays)
        let before = RetryAfter(
            header: "Mon, 06 Apr 2026 10:00:00 GMT", date: "Mon, 06 Apr 2026 11:00:00 GMT", now: Sample.now)
        #expect(before?.milliseconds == 0)
    }
}
