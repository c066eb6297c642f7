/// The kind of place a target is: `webhook`, `feed`, `partner`, `email`, …
///
/// Open on purpose: a channel is known when an adapter of that name is installed.
package struct ChannelType: RawRepresentable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package let rawValue: String

    /// - Returns: nil unless it is 1 to 32 lowercase letters, digits or hyphens, so that it fits a routing key.
    package init?(rawValue: String) {
        let isPlain = rawValue.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "-")
        }
        guard (1...32).contains(rawValue.utf8.count), isPlain else { return nil }
        self.rawValue = rawValue
    }

    private init(known name: String) {
        rawValue = name
    }

    package static let webhook = ChannelType(known: "webhook")
    package static let feed = ChannelType(known: "feed")
    package static let partner = ChannelType(known: "partner")

    package var description: String { rawValue }

    package static func < (lhs: Self, rhs: Self) -> Bool { lhs.rawValue < rhs.rawValue }
}
