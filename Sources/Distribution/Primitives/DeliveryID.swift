/// `msg_` and a UUIDv7: one per job, the same on every attempt and replay, so that receivers can tell a repetition.
package struct DeliveryID: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ uuid: UUIDv7) {
        text = "msg_\(uuid)"
    }

    /// - Returns: nil unless it is `msg_` followed by 1 to 60 letters, digits, `-` or `_`.
    package init?(text: String) {
        let bytes = text.utf8
        guard text.hasPrefix("msg_"), (5...64).contains(bytes.count) else { return nil }
        let isPlain = bytes.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                true
            default: false
            }
        }
        guard isPlain else { return nil }
        self.text = text
    }

    package var description: String { text }
}
