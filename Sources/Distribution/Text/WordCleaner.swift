/// Copies text word by word and leaves out of each word what may be a secret.
struct WordCleaner {
    private var cleaned: [UInt8] = []
    private var word: [UInt8] = []
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
        default: word.append(byte)
        }
    }

    mutating func finish() -> [UInt8] {
        endWord(with: nil)
        return cleaned
    }

    private mutating func endWord(with separator: UInt8?) {
        if !word.isEmpty {
            if isCredential { cleaned.append(contentsOf: "…".utf8) } else { appendWord() }
            isCredential = !isCredential && Self.schemes.contains(where: word.endsIgnoringCase(with:))
            word.removeAll(keepingCapacity: true)
        }
        if let separator { cleaned.append(separator) }
    }

    private static let schemes: [[UInt8]] = [Array("bearer".utf8), Array("basic".utf8)]
    private static let signingSecret = Array("whsec_".utf8)

    private mutating func appendWord() {
        var rest = word[...]
        if let end = rest.firstRange(of: Self.signingSecret)?.upperBound {
            cleaned.append(contentsOf: rest[..<end])
            cleaned.append(contentsOf: "…".utf8)
            return
        }
        if let authority = Self.authority(of: rest), let at = rest[authority].lastIndex(of: UInt8(ascii: "@")) {
            cleaned.append(contentsOf: rest[..<authority.lowerBound])
            cleaned.append(contentsOf: "…".utf8)
            rest = rest[at...]
        }
        if let query = Self.query(of: rest) {
            cleaned.append(contentsOf: rest[...query])
            cleaned.append(contentsOf: "…".utf8)
        } else {
            cleaned.append(contentsOf: rest)
        }
    }

    /// What stands between `://` and the next slash, also where slashes are escaped as in JSON.
    private static func authority(of word: ArraySlice<UInt8>) -> Range<Int>? {
        let opening = word.firstRange(of: Array("://".utf8)) ?? word.firstRange(of: Array(#":\/\/"#.utf8))
        guard let start = opening?.upperBound else { return nil }
        let end = word[start...].firstIndex { [UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: "?")].contains($0) }
        return start..<(end ?? word.endIndex)
    }

    /// The question mark before a query: any in a word that holds a URL, else one with a `name=` after it.
    private static func query(of word: ArraySlice<UInt8>) -> Int? {
        guard let mark = word.firstIndex(of: UInt8(ascii: "?")), mark + 1 < word.endIndex else { return nil }
        let isURL = word[..<mark].contains(UInt8(ascii: "/"))
        return isURL || word[mark...].contains(UInt8(ascii: "=")) ? mark : nil
    }
}

extension [UInt8] {
    fileprivate func endsIgnoringCase(with suffix: [UInt8]) -> Bool {
        count >= suffix.count && self.suffix(suffix.count).elementsEqual(suffix) { $0 | 0x20 == $1 }
    }
}
