/// Makes text of unknown origin fit to be stored, logged and shown.
///
/// The result is valid UTF-8 on one line: control characters become spaces, bytes that are not UTF-8 become `�`. What
/// often carries a secret is cut: the query and the user of a URL, the word after `Bearer` or `Basic`, and whatever
/// follows `whsec_`.
package enum Sanitizer {
    /// The beginning of an answer as text; a character is kept whole or left out.
    package static func excerpt(_ bytes: [UInt8], maximumBytes: Int = 4096) -> String {
        var cleaner = WordCleaner(capacity: min(bytes.count, maximumBytes))
        for byte in withoutHalfCharacter(bytes.prefix(max(maximumBytes, 0))) { cleaner.take(byte) }
        return bounded(cleaner.finish(), maximumBytes)
    }

    /// A sentence of at most 1 KiB, cleaned alike.
    package static func message(_ text: String) -> String {
        excerpt(Array(text.utf8), maximumBytes: 1024)
    }

    /// Drops the beginning of a character whose rest was cut off.
    private static func withoutHalfCharacter(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        let lead = bytes.suffix(4).lastIndex { $0 & 0xC0 != 0x80 }
        guard let lead, bytes[lead] >= 0xC0 else { return bytes }
        let length = bytes[lead] >= 0xF0 ? 4 : bytes[lead] >= 0xE0 ? 3 : 2
        return bytes.endIndex - lead < length ? bytes[..<lead] : bytes
    }

    /// Repairing may lengthen: a single stray byte becomes three.
    private static func bounded(_ bytes: [UInt8], _ maximumBytes: Int) -> String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.utf8.count > maximumBytes else { return text }
        return String(decoding: withoutHalfCharacter(Array(text.utf8)[..<maximumBytes]), as: UTF8.self)
    }
}
