extension Timestamp: CustomStringConvertible {
    /// `2026-04-06T10:00:04.000Z`: ISO 8601 in UTC, always 24 characters, so that text order is time order.
    package var iso8601: String {
        String(unsafeUninitializedCapacity: 24) { buffer in
            writeISO8601(into: buffer)
            return 24
        }
    }

    package var description: String { iso8601 }

    /// Writes the 24 ASCII bytes of ``iso8601``, without a string in between.
    ///
    /// - Parameter buffer: Has room for 24 bytes.
    package func writeISO8601(into buffer: UnsafeMutableBufferPointer<UInt8>) {
        let clamped = min(max(milliseconds, Self.earliest), Self.latest)
        let days = clamped.flooredQuotient(by: 86_400_000)
        let inDay = UInt32(truncatingIfNeeded: clamped - days * 86_400_000)
        let (year, month, day) = Self.civil(fromDays: days)
        let years = UInt32(truncatingIfNeeded: year)
        func pair(_ index: Int, _ value: UInt32) {
            buffer[index] = UInt8(truncatingIfNeeded: 0x30 + value / 10)
            buffer[index + 1] = UInt8(truncatingIfNeeded: 0x30 + value % 10)
        }
        pair(0, years / 100)
        pair(2, years % 100)
        buffer[4] = UInt8(ascii: "-")
        pair(5, UInt32(truncatingIfNeeded: month))
        buffer[7] = UInt8(ascii: "-")
        pair(8, UInt32(truncatingIfNeeded: day))
        buffer[10] = UInt8(ascii: "T")
        pair(11, inDay / 3_600_000)
        buffer[13] = UInt8(ascii: ":")
        pair(14, inDay / 60_000 % 60)
        buffer[16] = UInt8(ascii: ":")
        pair(17, inDay / 1000 % 60)
        buffer[19] = UInt8(ascii: ".")
        pair(20, inDay % 1000 / 10)
        buffer[22] = UInt8(truncatingIfNeeded: 0x30 + inDay % 10)
        buffer[23] = UInt8(ascii: "Z")
    }

    /// Reads an ISO 8601 (RFC 3339) date-time with `Z` or a numeric offset and up to nine fractional digits.
    ///
    /// Digits past the millisecond are cut off. Years 0001 to 9999; a leap second (`:60`) counts as the next second.
    package init?(iso8601 text: String) {
        var reader = DigitReader(bytes: Array(text.utf8))
        guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
            let day = reader.digits(2), reader.skip("T") || reader.skip("t") || reader.skip(" "),
            let hour = reader.digits(2), reader.skip(":"), let minute = reader.digits(2), reader.skip(":"),
            let second = reader.digits(2)
        else { return nil }
        guard year >= 1, (1...12).contains(month), day >= 1, day <= Self.daysIn(month: month, year: year), hour < 24,
            minute < 60, second <= 60
        else { return nil }
        guard let fraction = reader.fractionInMilliseconds(), let offset = reader.offsetInMinutes(), reader.isAtEnd
        else { return nil }
        let days = Self.days(fromYear: year, month: month, day: day)
        let seconds = days * 86_400 + hour * 3600 + (minute - offset) * 60 + second
        self.init(milliseconds: seconds * 1000 + fraction)
    }

    /// 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z.
    private static let earliest: Int64 = -62_135_596_800_000
    private static let latest: Int64 = 253_402_300_799_999

    private static func daysIn(month: Int64, year: Int64) -> Int64 {
        switch month {
        case 2: (year % 4 == 0 && year % 100 != 0) || year % 400 == 0 ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days since 1970-01-01 in the proleptic Gregorian calendar (years counted from March, in eras of 400).
    private static func days(fromYear year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = shifted.flooredQuotient(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civil(fromDays days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let shifted = days + 719_468
        let era = shifted.flooredQuotient(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
}

/// Walks over the ASCII bytes of a date-time.
private struct DigitReader {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }

    mutating func digits(_ count: Int) -> Int64? {
        guard position + count <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + count] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        position += count
        return value
    }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func fractionInMilliseconds() -> Int64? {
        guard skip(".") else { return 0 }
        var value: Int64 = 0
        var count = 0
        while let digit = digits(1) {
            if count < 3 { value = value * 10 + digit }
            count += 1
        }
        guard (1...9).contains(count) else { return nil }
        for _ in min(count, 3)..<3 { value *= 10 }
        return value
    }

    mutating func offsetInMinutes() -> Int64? {
        if skip("Z") || skip("z") { return 0 }
        let sign: Int64
        if skip("+") { sign = 1 } else if skip("-") { sign = -1 } else { return nil }
        guard let hours = digits(2), skip(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
