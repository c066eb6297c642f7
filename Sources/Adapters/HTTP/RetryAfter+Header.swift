import Distribution

extension RetryAfter {
    /// Reads `Retry-After` (RFC 9110 §10.2.3): whole seconds, or an HTTP date.
    ///
    /// A date counts from the answer's own `Date`, so that the receiver's clock need not be right; without one that can
    /// be read, from `now`. A date that has passed means 0, and more than 7 days means 7 days.
    ///
    /// - Returns: nil where it is neither, a negative or broken number included, so that the schedule decides.
    init?(header: String, date: String?, now: Timestamp) {
        let text = header.utf8.drop(while: Self.isBlank).reversed().drop(while: Self.isBlank).reversed()
        if !text.isEmpty, text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) {
            self.init(milliseconds: Self.seconds(text) * 1000)
            return
        }
        guard let moment = HTTPDate.parse(header, now: now) else { return nil }
        let base = date.flatMap { HTTPDate.parse($0, now: now) } ?? now
        self.init(milliseconds: moment.milliseconds(since: base))
    }

    /// The value of the digits; counting stops where any further digit is beyond every cap.
    private static func seconds(_ digits: some Sequence<UInt8>) -> Int64 {
        var seconds: Int64 = 0
        for digit in digits where seconds < 1_000_000_000 { seconds = seconds * 10 + Int64(digit - UInt8(ascii: "0")) }
        return seconds
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
