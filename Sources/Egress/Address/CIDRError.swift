/// Why a text is not a block of addresses.
package enum CIDRError: Error, Sendable, Hashable {
    /// The part before the slash is not an IPv4 or IPv6 address.
    case invalidAddress(String)
    /// The part behind the slash is not a number from 0 to 32 or 128.
    case invalidPrefixLength(String)
    /// Bits behind the prefix are set, so that it is unclear which block is meant.
    case hostBitsSet(String)
}

extension CIDRError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidAddress(let text): "\"\(text)\" is not an address block: write 10.0.0.0/8 or fd00::/8."
        case .invalidPrefixLength(let text): "\"\(text)\" has no valid prefix length: 0–32 for IPv4, 0–128 for IPv6."
        case .hostBitsSet(let text): "\"\(text)\" has bits set behind its prefix: clear them or lengthen the prefix."
        }
    }
}
