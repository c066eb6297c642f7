extension ConnectionConfiguration {
    /// Reads an `amqp://` or `amqps://` URL as RabbitMQ's URI specification defines it.
    ///
    /// User, password and virtual host are percent-decoded. A URL without path, or with the path `/` alone, means the
    /// virtual host `/` (strictly the latter would name the virtual host with the empty name, which nobody has and
    /// everybody writes). Ports default to 5672 and 5671. Of the query,
    /// `heartbeat` (seconds), `connection_timeout` (milliseconds), `frame_max` (bytes), `cacertfile`, `certfile`,
    /// `keyfile` and `server_name_indication` are understood; the later of two wins. `verify=verify_none` is refused, and so
    /// are files of TLS without `amqps`; other names are ignored.
    ///
    /// - Throws: `AMQPError.invalidURL`, whose reason repeats no part of the credentials.
    package init(url: String) throws(AMQPError) {
        var rest = Substring(url)
        let isTLS: Bool
        if rest.lowercased().hasPrefix("amqps://") {
            isTLS = true
        } else if rest.lowercased().hasPrefix("amqp://") {
            isTLS = false
        } else {
            throw .invalidURL(reason: "it must begin with amqp:// or amqps://")
        }
        rest = rest.dropFirst(isTLS ? 8 : 7)
        if let hash = rest.firstIndex(of: "#") { rest = rest[..<hash] }

        var query: Substring = ""
        if let mark = rest.firstIndex(of: "?") {
            query = rest[rest.index(after: mark)...]
            rest = rest[..<mark]
        }
        self.init(port: isTLS ? 5671 : 5672, tls: isTLS ? TLSOptions() : nil)
        if let slash = rest.firstIndex(of: "/") {
            let path = rest[rest.index(after: slash)...]
            guard !path.contains("/") else {
                throw .invalidURL(reason: "a slash inside the virtual host must be written %2F")
            }
            if !path.isEmpty { virtualHost = try Self.decoded(path, "virtual host") }
            rest = rest[..<slash]
        }
        if let at = rest.lastIndex(of: "@") {
            try readCredentials(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        try readAuthority(rest)
        for pair in query.split(separator: "&") { try readOption(pair) }
    }

    private mutating func readCredentials(_ text: Substring) throws(AMQPError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        username = try Self.decoded(parts[0], "user name")
        if parts.count > 1 { password = try Self.decoded(parts[1], "password") }
    }

    private mutating func readAuthority(_ text: Substring) throws(AMQPError) {
        var host = text
        var port: Substring?
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw .invalidURL(reason: "the host's ] is missing") }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw .invalidURL(reason: "a port must follow the ]") }
            port = tail.isEmpty ? nil : tail.dropFirst()
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        if let port {
            guard let number = Int(port), (1...65_535).contains(number) else {
                throw .invalidURL(reason: "the port must be a number from 1 to 65535")
            }
            self.port = number
        }
        if !host.isEmpty { self.host = try Self.decoded(host, "host") }
    }

    private mutating func readOption(_ pair: Substring) throws(AMQPError) {
        let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let value = try Self.decoded(parts.count > 1 ? parts[1] : "", "query")
        switch parts[0] {
        case "heartbeat": heartbeatSeconds = try Self.number(value, "heartbeat", in: 0...65_535)
        case "connection_timeout":
            connectTimeoutSeconds = (try Self.number(value, "connection_timeout", in: 1...3_600_000) + 999) / 1000
        case "frame_max": frameMax = try Self.number(value, "frame_max", in: 4096...131_072)
        case "verify":
            guard value == "verify_peer" else {
                throw .invalidURL(reason: "verification cannot be turned off; name the authority with cacertfile")
            }
        case "cacertfile", "certfile", "keyfile", "server_name_indication": try readTLSOption(parts[0], value)
        default: break
        }
    }

    private mutating func readTLSOption(_ name: Substring, _ value: String) throws(AMQPError) {
        // Without it a password would travel in clear although somebody has thought of certificates.
        guard tls != nil else { throw .invalidURL(reason: "\(name) needs amqps://") }
        guard !value.isEmpty else { throw .invalidURL(reason: "\(name) must not be empty") }
        switch name {
        case "cacertfile": tls?.caFile = value
        case "certfile": tls?.certificateFile = value
        case "keyfile": tls?.privateKeyFile = value
        default: tls?.serverName = value
        }
    }

    private static func number(
        _ text: String, _ name: String, in range: ClosedRange<Int>
    ) throws(AMQPError) -> Int {
        guard let number = Int(text), range.contains(number) else {
            throw .invalidURL(reason: "\(name) must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func decoded(_ text: Substring, _ part: String) throws(AMQPError) -> String {
        var bytes: [UInt8] = []
        var iterator = text.utf8.makeIterator()
        while let byte = iterator.next() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = iterator.next().flatMap(hexDigit), let low = iterator.next().flatMap(hexDigit) else {
                throw .invalidURL(reason: "the \(part) has a % that is not followed by two hexadecimal digits")
            }
            bytes.append(high << 4 | low)
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .invalidURL(reason: "the \(part) is not UTF-8")
        }
        return text
    }

    private static func hexDigit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
