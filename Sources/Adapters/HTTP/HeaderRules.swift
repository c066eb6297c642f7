/// What a target's owner may add to requests as a header, and what must be sealed where it is added.
enum HeaderRules {
    static let longestName = 128
    static let longestValue = 4096

    /// Names that the adapter or the connection writes itself.
    private static let reserved: Set<String> = [
        "host", "content-length", "content-type", "content-encoding", "transfer-encoding", "connection", "keep-alive",
        "te", "trailer", "upgrade", "expect", "proxy-connection", "user-agent", "webhook-id", "webhook-timestamp",
        "webhook-signature", "x-wordclaw-signature", "traceparent", "tracestate",
    ]

    /// Words of a name that announce a credential; `x-author` has none of them, `x-auth-id` has.
    private static let secretWords: Set<String> = [
        "auth", "authorization", "authentication", "cookie", "credential", "credentials", "jwt", "pass", "passwd",
        "password", "pwd", "secret", "token", "apikey",
    ]

    /// What is wrong with the header, to be put after its path; nil where nothing is.
    static func problem(name: String, value: String) -> String? {
        guard isFieldName(name) else { return "is not a header name" }
        guard !reserved.contains(name.lowercased()) else { return "is written by Clawcast itself" }
        guard (1...longestValue).contains(value.utf8.count), isFieldValue(value) else {
            return "must be a text of 1 to \(longestValue) printable characters without a space at either end"
        }
        return nil
    }

    /// Whether the header carries a credential, so far as its name and the scheme in its value tell.
    static func isSecret(name: String, value: String) -> Bool {
        let words = name.lowercased().split { $0 == "-" || $0 == "_" || $0 == "." }.map(String.init)
        if words.contains(where: isSecretWord) { return true }
        // `x-api-key`, `x-functions-key`, `ocp-apim-subscription-key`; not the name of a single request.
        if words.last == "key", words != ["idempotency", "key"] { return true }
        let scheme = value.prefix { $0 != " " }.lowercased()
        return ["bearer", "basic", "digest"].contains(scheme) && scheme.utf8.count < value.utf8.count
    }

    private static func isSecretWord(_ word: String) -> Bool {
        secretWords.contains(word) || ["secret", "token", "password", "apikey"].contains { word.hasSuffix($0) }
    }

    /// A token of RFC 9110 §5.6.2.
    private static func isFieldName(_ name: String) -> Bool {
        (1...longestName).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
                }
            }
    }

    /// Visible ASCII with blanks in between (RFC 9110 §5.5); what is beyond ASCII means something else to everybody.
    private static func isFieldValue(_ value: String) -> Bool {
        value.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 == 0x09 }
            && value.utf8.first.map { $0 > 0x20 } ?? false && value.utf8.last.map { $0 > 0x20 } ?? false
    }
}
