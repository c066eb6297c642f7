/// Copies text word by word and leaves out of each word what may be a secret.
///
/// Most words hold none of the bytes that a secret comes with and are copied without a closer look.
struct WordCleaner {
    private var cleaned: [UInt8] = []
    /// Where the word being copied begins in ``cleaned``.
    private var wordStart = 0
    /// Whether the word holds `?`, `@` or `_`.
    private var isSuspicious = false
    /// Whether the word before named an authentication scheme, so that this one is the credential.
    private var isCredential = false

    init(capacity: Int) {
        cleaned.reserveCapacity(capacity)
    }

    mutating func take(_ byte: UInt8) {
        switch byte {
        case 0..<0x20, 0x7F: endWord(with: 0x20)
        case UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "<"), UInt8(ascii: ">"),
            UInt8(ascii: "`"):
            endWord(with: byte)
        case UInt8(ascii: "?"), UInt8(ascii: "@"), UInt8(ascii: "_"):
            isSuspicious = true
            cleaned.append(byte)
        default: cleaned.append(byte)
        }
    }

    mutating func finish() -> [UInt8] {
        endWord(with: nil)
        return cleaned
    }

    private mutating func endWord(with separator: UInt8?) {
        if cleaned.count > wordStart {
            let namesScheme = namesScheme
            if isCredential, !isPlainWord {
                replaceWord(from: wordStart)
            } else if isSuspicious {
                cutSecrets()
            }
            isCredential = !isCredential && namesScheme
        }
        if let separator { cleaned.append(separator) }
        wordStart = cleaned.count
        isSuspicious = false
    }

    /// Whether the word ends in `Bearer` or `Basic`.
    private var namesScheme: Bool {
        switch cleaned[cleaned.count - 1] | 0x20 {
        case UInt8(ascii: "r"): endsWith("bearer")
        case UInt8(ascii: "c"): endsWith("basic")
        default: false
        }
    }

    /// Whether the word may follow `Basic` in a sentence: letters, lowercase after the first, and a closing mark.
    private var isPlainWord: Bool {
        cleaned[(wordStart + 1)...].allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: ","), UInt8(ascii: ";"): true
            default: false
            }
        }
    }

    private func endsWith(_ lowercase: StaticString) -> Bool {
        let suffix = UnsafeBufferPointer(start: lowercase.utf8Start, count: lowercase.utf8CodeUnitCount)
        guard cleaned.count - wordStart >= suffix.count else { return false }
        return cleaned.suffix(suffix.count).elementsEqual(suffix) { $0 | 0x20 == $1 }
    }

    private mutating func replaceWord(from start: Int) {
        cleaned.removeSubrange(start...)
        cleaned.append(contentsOf: "…".utf8)
    }

    private mutating func cutSecrets() {
        if let secret = index(after: "whsec_") { return replaceWord(from: secret) }
        let start = index(after: "://") ?? index(after: #":\/\/"#)
        // The user first: a URL that stands in a query goes with it.
        if let start { cutUser(from: start) }
        if let mark = queryMark(isURL: start != nil) { replaceWord(from: mark + 1) }
    }

    /// - Parameter start: Where an authority begins.
    private mutating func cutUser(from start: Int) {
        let end = cleaned[start...].firstIndex { Self.authorityEnds.contains($0) } ?? cleaned.endIndex
        if let at = cleaned[start..<end].lastIndex(of: UInt8(ascii: "@")) {
            cleaned.replaceSubrange(start..<at, with: "…".utf8)
        }
    }

    private static let authorityEnds: [UInt8] = [
        UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "?"), UInt8(ascii: "#"),
    ]

    /// The question mark before a query: any of a URL or path, else one with a `name=` after it.
    private func queryMark(isURL: Bool) -> Int? {
        let word = cleaned[wordStart...]
        guard let mark = word.firstIndex(of: UInt8(ascii: "?")), mark + 1 < word.endIndex else { return nil }
        let isQuery = isURL || word[..<mark].contains(UInt8(ascii: "/")) || word[mark...].contains(UInt8(ascii: "="))
        return isQuery ? mark : nil
    }

    /// Where what follows `text` in the word begins.
    private func index(after text: StaticString) -> Int? {
        let sought = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard cleaned.count - wordStart >= sought.count else { return nil }
        for index in wordStart...cleaned.count - sought.count
        where cleaned[index..<index + sought.count].elementsEqual(sought) {
            return index + sought.count
        }
        return nil
    }
}
