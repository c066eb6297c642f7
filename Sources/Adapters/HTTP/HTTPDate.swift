import Distribution

/// HTTP dates (RFC 9110 §5.6.7) in all three forms that a recipient must read.
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    private static let days = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    private static let longest = 64
    /// Milliseconds of fifty years, after which a two-digit year means the century before.
    private static let fiftyYears: Int64 = 1_577_880_000_000

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, or `Sun Nov  6 08:49:37 1994`.
    ///
    /// Case does not count and the weekday need not fit the date. A two-digit year that would be more than fifty years
    /// after `now` is the one a century earlier, as the RFC demands. A leap second is the last ordinary one.
    ///
    /// - Returns: nil where it is none of the three, or no such day exists.
    static func parse(_ text: String, now: Timestamp) -> Timestamp? {
        guard text.utf8.count <= longest else { return nil }
        let words = text.lowercased().split { $0 == " " || $0 == "\t" }
        switch words.count {
        case 6:
            guard words[5] == "gmt", isWeekday(words[0], comma: true, full: false) else { return nil }
            return timestamp(day: words[1], month: words[2], year: words[3], time: words[4])
        case 5:
            guard isWeekday(words[0], comma: false, full: false) else { return nil }
            return timestamp(day: words[2], month: words[1], year: words[4], time: words[3])
        case 4:
            let date = words[1].split(separator: "-", omittingEmptySubsequences: false)
            guard words[3] == "gmt", isWeekday(words[0], comma: true, full: true), date.count == 3,
                let digits = number(date[2], width: 2...2)
            else { return nil }
            return obsolete(day: date[0], month: date[1], digits: digits, time: words[2], now: now)
        default: return nil
        }
    }

    /// The RFC 850 form: the year ends in these two digits.
    private static func obsolete(
        day: Substring, month: Substring, digits: Int, time: Substring, now: Timestamp
    ) -> Timestamp? {
        let century = (Int(now.iso8601.prefix(4)) ?? 2000) / 100 * 100
        var latest: Timestamp?
        for year in [century - 100, century, century + 100] {
            guard let moment = timestamp(day: day, month: month, year: Substring(String(year + digits)), time: time),
                moment.milliseconds(since: now) <= fiftyYears
            else { continue }
            latest = moment
        }
        return latest
    }

    private static func timestamp(day: Substring, month: Substring, year: Substring, time: Substring) -> Timestamp? {
        guard let month = months.firstIndex(of: String(month)), let day = number(day, width: 1...2),
            number(year, width: 4...4) != nil
        else { return nil }
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts.allSatisfy({ number($0, width: 2...2) != nil }) else { return nil }
        let second = parts[2] == "60" ? "59" : parts[2]
        return Timestamp(iso8601: "\(year)-\(padded(month + 1))-\(padded(day))T\(parts[0]):\(parts[1]):\(second)Z")
    }

    private static func isWeekday(_ word: Substring, comma: Bool, full: Bool) -> Bool {
        guard word.hasSuffix(",") == comma else { return false }
        let name = comma ? word.dropLast() : word
        return days.contains { full ? $0 == name : $0.prefix(3) == name }
    }

    private static func number(_ text: Substring, width: ClosedRange<Int>) -> Int? {
        guard width.contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(text)
    }

    private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
}
