import Distribution
import DistributionTesting
import Testing

@testable import Adapters

@Suite struct HTTPDateTests {
    private let now = Sample.now

    @Test(arguments: [
        "Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994",
        "sun, 06 nov 1994 08:49:37 gmt", "Mon, 06 Nov 1994 08:49:37 GMT", "  Sun, 6 Nov 1994 08:49:37 GMT ",
    ])
    func `all three forms of RFC 9110 mean the same moment`(_ text: String) {
        #expect(HTTPDate.parse(text, now: now) == Timestamp(iso8601: "1994-11-06T08:49:37Z"))
    }

    @Test(arguments: [
        ("26", 2026), ("00", 2000), ("75", 2075), ("76", 2076), ("77", 1977), ("99", 1999),
    ])
    func `a year of two digits is never more than fifty years ahead`(_ digits: String, _ year: Int) {
        let moment = HTTPDate.parse("Sunday, 01-Jan-\(digits) 00:00:00 GMT", now: now)
        #expect(moment == Timestamp(iso8601: "\(year)-01-01T00:00:00Z"))
    }

    @Test func `a leap day and a leap second are read`() {
        let leapDay = HTTPDate.parse("Thu, 29 Feb 2024 00:00:00 GMT", now: now)
        #expect(leapDay == Timestamp(iso8601: "2024-02-29T00:00:00Z"))
        let leapSecond = HTTPDate.parse("Sat, 31 Dec 2016 23:59:60 GMT", now: now)
        #expect(leapSecond == Timestamp(iso8601: "2016-12-31T23:59:59Z"))
    }

    @Test(arguments: [
        "", " ", "0", "tomorrow", "2026-04-06T10:00:00Z", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun 06 Nov 1994 08:49:37 GMT", "Fun, 06 Nov 1994 08:49:37 GMT", "Sun, 31 Feb 2026 08:49:37 GMT",
        "Sun, 29 Feb 2026 00:00:00 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT", "Sun, 06 Nov 1994 08:49 GMT", "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun, 06 Nov +994 08:49:37 GMT", "Sun, 006 Nov 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 06-Nov- 08:49:37 GMT", "Sun Nov 6 08:49:37 94",
        "Sun, ٠٦ Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT GMT",
    ])
    func `anything else is no date`(_ text: String) {
        #expect(HTTPDate.parse(text, now: now) == nil)
    }

    @Test func `a text of a mebibyte is no date either`() {
        #expect(HTTPDate.parse(String(repeating: "Sun ", count: 262_144), now: now) == nil)
    }
}
