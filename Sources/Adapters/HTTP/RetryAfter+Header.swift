import Distribution

extension RetryAfter {
    /// Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or an HTTP date.
    ///
    /// A date counts from the answer's own `Date`, so that the receiver's clock need not be right; without one, from
    /// `now`. A date that has passed means 0.
    ///
    /// - Returns: nil where it is neither, so that the schedule decides.
    init?(header: String, date: String?, now: Timestamp) {
        let text = header.drop { $0 == " " }
        if !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            // More digits than fit are more than any cap.
            let seconds = Int64(text).map { min($0, 10_000_000) } ?? 10_000_000
            self.init(milliseconds: seconds * 1000)
            return
        }
        guard let moment = HTTPDate.parse(header) else { return nil }
        let base = date.flatMap(HTTPDate.parse) ?? now
        self.init(milliseconds: moment.milliseconds(since: base))
    }
}
