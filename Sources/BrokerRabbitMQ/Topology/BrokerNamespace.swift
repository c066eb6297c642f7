/// The first word of every name at the broker, so that several installations can share one virtual host.
package struct BrokerNamespace: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    package let rawValue: String

    /// - Returns: nil unless it is 1 to 64 lowercase letters, digits or hyphens.
    package init?(rawValue: String) {
        let isPlain = rawValue.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard (1...64).contains(rawValue.utf8.count), isPlain else { return nil }
        self.rawValue = rawValue
    }

    private init(known name: String) {
        rawValue = name
    }

    /// `distribution`
    package static let standard = BrokerNamespace(known: "distribution")

    package var description: String { rawValue }
}
