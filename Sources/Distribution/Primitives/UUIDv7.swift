/// A UUID version 7 (RFC 9562 §5.7): 48 bits of Unix milliseconds, then random bits, so that text order is time order.
package struct UUIDv7: Hashable, Sendable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// - Parameters:
    ///   - time: Where the leading 48 bits come from.
    ///   - random: 128 random bits, of which 74 are used.
    package init(time: Timestamp, random: (UInt64, UInt64)) {
        high = UInt64(bitPattern: time.milliseconds) << 16 | 0x7000 | random.0 & 0x0FFF
        low = random.1 & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    }

    /// The usual 36 characters, lowercase.
    package var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            func write(_ value: UInt64, digits: Int) {
                for shift in stride(from: (digits - 1) * 4, through: 0, by: -4) {
                    let nibble = UInt8(value >> UInt64(shift) & 15)
                    buffer[position] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
                    position += 1
                }
            }
            func hyphen() {
                buffer[position] = UInt8(ascii: "-")
                position += 1
            }
            write(high >> 32, digits: 8)
            hyphen()
            write(high >> 16 & 0xFFFF, digits: 4)
            hyphen()
            write(high & 0xFFFF, digits: 4)
            hyphen()
            write(low >> 48, digits: 4)
            hyphen()
            write(low & 0xFFFF_FFFF_FFFF, digits: 12)
            return position
        }
    }

    /// The moment in the text of one; nil where it is none.
    package static func time(of text: String) -> Timestamp? {
        let digits = text.prefix(13).filter { $0 != "-" }
        guard digits.count == 12, let milliseconds = Int64(digits, radix: 16) else { return nil }
        return Timestamp(milliseconds: milliseconds)
    }
}
