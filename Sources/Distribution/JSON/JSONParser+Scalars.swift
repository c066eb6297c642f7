/// Strings and numbers.
extension JSONParser {
    /// Reads a string from its opening quote on.
    mutating func string() throws(JSONSyntaxError) -> String {
        position += 1
        let start = position
        let isASCII = skipPlainCharacters()
        guard position < bytes.count else { throw error("A string is not closed") }
        guard bytes[position] == UInt8(ascii: "\"") else { return try escapedString(from: start) }
        let content = UnsafeBufferPointer(rebasing: bytes[start..<position])
        position += 1
        // Validating costs twice as much as decoding, and most strings are names, dates and codes.
        if isASCII { return String(decoding: content, as: UTF8.self) }
        guard let text = String(validating: content, as: UTF8.self) else {
            throw error("A string is not UTF-8", at: start)
        }
        return text
    }

    private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
        var unescaped = Array(bytes[start..<position])
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard let text = String(validating: unescaped, as: UTF8.self) else {
                    throw error("A string is not UTF-8", at: start)
                }
                position += 1
                return text
            case UInt8(ascii: "\\"): try escape(into: &unescaped)
            case 0..<0x20: throw error("A string holds an unescaped control character")
            default:
                let run = position
                skipPlainCharacters()
                unescaped.append(contentsOf: bytes[run..<position])
            }
        }
        throw error("A string is not closed")
    }

    /// Stops at a quote, a backslash, a control character or the end.
    ///
    /// - Returns: Whether everything that was skipped is ASCII.
    @discardableResult
    private mutating func skipPlainCharacters() -> Bool {
        var index = position
        var union: UInt8 = 0
        while index < bytes.count {
            let byte = bytes[index]
            if byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { break }
            union |= byte
            index += 1
        }
        position = index
        return union < 0x80
    }

    private mutating func escape(into text: inout [UInt8]) throws(JSONSyntaxError) {
        let start = position
        guard position + 1 < bytes.count else { throw error("A string is not closed") }
        position += 2
        switch bytes[start + 1] {
        case UInt8(ascii: "\""): text.append(0x22)
        case UInt8(ascii: "\\"): text.append(0x5C)
        case UInt8(ascii: "/"): text.append(0x2F)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try escapedScalar(from: start)
            text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
        default: throw error("An escape is unknown", at: start)
        }
    }

    /// Reads the digits after `\u`, and the second half of a surrogate pair.
    private mutating func escapedScalar(from start: Int) throws(JSONSyntaxError) -> Unicode.Scalar {
        let first = try fourHexDigits(of: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { throw error("An escape is half a surrogate pair", at: start) }
        position += 2
        let second = try fourHexDigits(of: start)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("An escape is half a surrogate pair", at: start) }
        return scalar
    }

    private mutating func fourHexDigits(of start: Int) throws(JSONSyntaxError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw error("An escape is incomplete", at: start) }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw error("An escape is unknown", at: start)
            }
        }
        position += 4
        return value
    }

    /// Reads a number by the grammar of RFC 8259 §6 and keeps its literal.
    mutating func number() throws(JSONSyntaxError) -> String {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        if position < bytes.count, bytes[position] == UInt8(ascii: "0") {
            position += 1
        } else {
            try digits()
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            position += 1
            let isSigned = position < bytes.count && (bytes[position] == 0x2B || bytes[position] == 0x2D)
            if isSigned { position += 1 }
            try digits()
        }
        return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<position]), as: UTF8.self)
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while position < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[position]) {
            position += 1
        }
        guard position > start else { throw error("A number lacks a digit") }
    }
}
