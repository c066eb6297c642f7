import Distribution

/// HTTP dates (RFC 9110 §5.6.7) in all three forms that a recipient must read.
enum HTTPDate {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, or `Sun Nov  6 08:49:37 1994`.
    ///
    /// A two-digit year is taken as the one from 1970 to 2069.
    static func parse(_ text: String) -> Timestamp? {
        let parts = text.split { $0 == " " || $0 == "," || $0 == "-" }.map { $0.lowercased() }
        let (day, month, year, time): (String, String, String, String)
        switch parts.count {
        case 6 where parts[5] == "gmt" || parts[5] == "utc":
            (day, month, year, time) = (parts[1], parts[2], parts[3], parts[4])
        case 5: (day, month, year, time) = (parts[2], parts[1], parts[4], parts[3])
        default: return nil
        }
        guard let monthIndex = months.firstIndex(of: month), let dayNumber = Int(day), let yearNumber = Int(year),
            (1...31).contains(dayNumber), (0...9999).contains(yearNumber)
        else { return nil }
        let fullYear = yearNumber < 70 ? 2000 + yearNumber : yearNumber < 100 ? 1900 + yearNumber : yearNumber
        let date = "\(padded(fullYear, 4))-\(padded(monthIndex + 1, 2))-\(padded(dayNumber, 2))"
        return Timestamp(iso8601: "\(date)T\(time)Z")
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
