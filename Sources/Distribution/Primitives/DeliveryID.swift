/// `msg_` and a UUIDv7: one per job, the same on every attempt and replay, so that receivers can tell a repetition.
package struct DeliveryID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ uuid: UUIDv7) {
        text = "msg_\(uuid)"
    }

    /// - Returns: nil unless it is `msg_` followed by 1 to 60 letters, digits, `-` or `_`.
    package init?(text: String) {
        var text = text
        guard text.hasPrefix("msg_"), text.withUTF8({ (5...64).contains($0.count) && $0.allSatisfy(Self.isPlain) })
        else { return nil }
        self.text = text
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    package var description: String { text }
}
