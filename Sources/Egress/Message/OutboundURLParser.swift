internal import NIOCore

/// The cursor behind ``OutboundURL``: each `take…` consumes one part, in the order of the URL.
struct OutboundURLParser {
    struct Authority {
        var host: String
        var port: Int
        var isAddressLiteral: Bool
        var isIPv6: Bool
    }

    private var rest: ArraySlice<UInt8>

    init(_ string: String) throws(OutboundURLError) {
        let bytes = Array(string.utf8)
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= OutboundURL.maximumLength else { throw .tooLong }
        guard bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            throw .forbiddenCharacter
        }
        rest = bytes[...]
    }

    mutating func takeScheme() throws(OutboundURLError) -> OutboundURL.Scheme {
        guard let colon = rest.firstIndex(of: UInt8(ascii: ":")),
            let scheme = OutboundURL.Scheme(rawValue: Self.lowercased(rest[..<colon])),
            rest[rest.index(after: colon)...].starts(with: "//".utf8)
        else { throw .unsupportedScheme }
        rest = rest[(colon + 3)...]
        return scheme
    }

    mutating func takeAuthority(defaultPort: Int) throws(OutboundURLError) -> Authority {
        let delimiters: [UInt8] = [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")]
        let end = rest.firstIndex { delimiters.contains($0) } ?? rest.endIndex
        let authority = rest[..<end]
        rest = rest[end...]
        guard !authority.contains(UInt8(ascii: "@")) else { throw .userInfo }
        guard authority.first == UInt8(ascii: "[") else { return try Self.named(authority, defaultPort: defaultPort) }
        guard let bracket = authority.firstIndex(of: UInt8(ascii: "]")) else { throw .invalidHost }
        let text = String(decoding: authority[(authority.startIndex + 1)..<bracket], as: UTF8.self)
        guard !text.contains("%"), case .v6? = try? SocketAddress(ipAddress: text, port: 0),
            let canonical = (try? SocketAddress(ipAddress: text, port: 0))?.ipAddress
        else { throw .invalidHost }
        let port = try Self.port(authority[(bracket + 1)...], defaultPort: defaultPort)
        return Authority(host: canonical, port: port, isAddressLiteral: true, isIPv6: true)
    }

    mutating func takeTarget() throws(OutboundURLError) -> String {
        let end = rest.firstIndex(of: UInt8(ascii: "#")) ?? rest.endIndex
        let target = rest[..<end]
        rest = rest[rest.endIndex...]
        var isQuery = false
        var index = target.startIndex
        while index < target.endIndex {
            let byte = target[index]
            if byte == UInt8(ascii: "%") {
                guard target.endIndex - index > 2, Self.isHex(target[index + 1]), Self.isHex(target[index + 2]) else {
                    throw .invalidTarget
                }
            } else if !Self.isPathCharacter(byte) {
                // PHP's `a[]=1` is so common that every parser lets it pass in a query.
                guard byte == UInt8(ascii: "?") || (isQuery && "[]".utf8.contains(byte)) else { throw .invalidTarget }
                isQuery = true
            }
            index += 1
        }
        let text = String(decoding: target, as: UTF8.self)
        return text.first == "/" ? text : "/" + text
    }

    private static func named(
        _ authority: ArraySlice<UInt8>, defaultPort: Int
    ) throws(OutboundURLError) -> Authority {
        let colon = authority.firstIndex(of: UInt8(ascii: ":")) ?? authority.endIndex
        var name = authority[..<colon]
        if name.last == UInt8(ascii: ".") { name = name.dropLast() }
        let labels = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard (1...253).contains(name.count), labels.allSatisfy(isLabel) else { throw .invalidHost }
        let host = lowercased(name)
        let port = try port(authority[colon...], defaultPort: defaultPort)
        let isLiteral = if case .v4? = try? SocketAddress(ipAddress: host, port: 0) { true } else { false }
        return Authority(host: host, port: port, isAddressLiteral: isLiteral, isIPv6: false)
    }

    private static func port(_ text: ArraySlice<UInt8>, defaultPort: Int) throws(OutboundURLError) -> Int {
        guard let colon = text.first else { return defaultPort }
        let digits = text.dropFirst()
        guard colon == UInt8(ascii: ":"), (1...5).contains(digits.count),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
            let port = Int(String(decoding: digits, as: UTF8.self)), (1...65535).contains(port)
        else { throw .invalidPort }
        return port
    }

    private static func isLabel(_ label: ArraySlice<UInt8>) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.count) && label.first != hyphen && label.last != hyphen
            && label.allSatisfy { isAlphanumeric($0) || $0 == hyphen || $0 == UInt8(ascii: "_") }
    }

    private static func isPathCharacter(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "-._~!$&'()*+,;=:@/".utf8.contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private static func isHex(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    private static func lowercased(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
