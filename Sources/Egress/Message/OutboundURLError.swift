/// Why a text is not a URL that a request may be sent to.
package enum OutboundURLError: Error, Sendable, Hashable {
    /// The text is empty.
    case empty
    /// The text is longer than ``OutboundURL/maximumLength`` bytes.
    case tooLong
    /// A control character, a space, a backslash or a character beyond ASCII.
    case forbiddenCharacter
    /// Anything but `http://` and `https://` in front, `unix:` and relative references included.
    case unsupportedScheme
    /// A user name or password before the host; credentials belong in a header.
    case userInfo
    /// No host, or one that is neither a DNS name nor an IP address (in brackets for IPv6, without a zone).
    case invalidHost
    /// A port that is not a number from 1 to 65535.
    case invalidPort
    /// A path or query with a character that RFC 3986 wants percent-encoded, or a broken percent-encoding.
    case invalidTarget
}

extension OutboundURLError: CustomStringConvertible {
    /// A sentence that says what is wrong, without any part of the URL.
    package var description: String {
        switch self {
        case .empty: "The URL is empty."
        case .tooLong: "The URL is longer than \(OutboundURL.maximumLength) bytes."
        case .forbiddenCharacter:
            "The URL contains a space, a control character, a backslash or a character beyond ASCII: "
                + "percent-encode the path and query, and write an international host name in punycode (xn--)."
        case .unsupportedScheme: "The URL must begin with https:// or http://."
        case .userInfo: "The URL contains a user name or password: send credentials in a header instead."
        case .invalidHost: "The URL's host is neither a DNS name nor an IP address."
        case .invalidPort: "The URL's port is not a number from 1 to 65535."
        case .invalidTarget: "The URL's path or query contains a character that must be percent-encoded."
        }
    }
}
