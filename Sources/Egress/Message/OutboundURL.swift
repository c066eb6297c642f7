/// An absolute `http` or `https` URL in the one form in which it is sent (RFC 3986, RFC 9110 §4.2).
///
/// Parsing is strict, because what is lenient here is an attack elsewhere: no user info, no zone, no control
/// character, no backslash, nothing beyond ASCII. The scheme and host are lower-cased, one trailing dot of the
/// host and the fragment are dropped, an IPv6 address is written canonically. Parse once and keep the value.
package struct OutboundURL: Sendable, Hashable {
    package enum Scheme: String, Sendable, Hashable {
        case http
        case https

        package var defaultPort: Int { self == .http ? 80 : 443 }
    }

    /// The longest text that is parsed, in bytes.
    package static let maximumLength = 8192

    package let scheme: Scheme
    /// The DNS name or IP address, lower-cased, an IPv6 address without its brackets.
    package let host: String
    package let port: Int
    /// The path and query as they stand in the request line; begins with `/`.
    package let target: String
    /// What the `host` header says: brackets around IPv6, the port only where it is not the scheme's own.
    package let authority: String

    /// Whether `host` is an IP address in canonical notation, which needs no look-up.
    let isAddressLiteral: Bool

    package init(_ string: String) throws(OutboundURLError) {
        var parser = try OutboundURLParser(string)
        scheme = try parser.takeScheme()
        let parsed = try parser.takeAuthority(defaultPort: scheme.defaultPort)
        host = parsed.host
        port = parsed.port
        isAddressLiteral = parsed.isAddressLiteral
        target = try parser.takeTarget()
        let bracketed = parsed.isIPv6 ? "[\(parsed.host)]" : parsed.host
        authority = parsed.port == scheme.defaultPort ? bracketed : "\(bracketed):\(parsed.port)"
    }

    /// Scheme and authority, fit for logs and error messages: neither path nor query.
    package var origin: String { "\(scheme.rawValue)://\(authority)" }

    /// The path without the query, which may hold secrets.
    package var path: String { String(target.prefix { $0 != "?" }) }
}

extension OutboundURL: CustomStringConvertible {
    /// The URL without its query, which may hold secrets.
    package var description: String { origin + path }
}
