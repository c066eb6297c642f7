/// IPv6 forms through which a packet may end at an IPv4 address.
enum EmbeddedAddresses {
    private static let mapped = CIDR(v6: 0, 0x0000_FFFF_0000_0000, length: 96)
    private static let translated = CIDR(v6: 0, 0xFFFF_0000_0000_0000, length: 96)
    private static let compatible = CIDR(v6: 0, 0, length: 96)
    private static let nat64 = CIDR(v6: 0x0064_FF9B_0000_0000, 0, length: 96)
    private static let nat64Local = CIDR(v6: 0x0064_FF9B_0001_0000, length: 48)
    private static let sixToFour = CIDR(v6: 0x2002_0000_0000_0000, length: 16)
    private static let teredo = CIDR(v6: 0x2001_0000_0000_0000, length: 32)

    /// Every IPv4 address that the bits may stand for; empty where they are no such form.
    static func embedded(in bits: UInt128) -> [IPAddress] {
        let address = IPAddress.v6(bits)
        let last = UInt32(truncatingIfNeeded: bits)
        if mapped.contains(address) || translated.contains(address) || nat64.contains(address) { return [.v4(last)] }
        if compatible.contains(address) { return bits > 1 ? [.v4(last)] : [] }
        if sixToFour.contains(address) { return [.v4(UInt32(truncatingIfNeeded: bits >> 80))] }
        if teredo.contains(address) { return [.v4(UInt32(truncatingIfNeeded: bits >> 64)), .v4(~last)] }
        if nat64Local.contains(address) { return nat64LocalAddresses(bits) }
        return []
    }

    /// The operator's prefix length is not known (RFC 8215), so that both places where RFC 6052 may put the address
    /// count: the last 32 bits and, if anything is there, bits 48–63 and 72–87.
    private static func nat64LocalAddresses(_ bits: UInt128) -> [IPAddress] {
        let last = IPAddress.v4(UInt32(truncatingIfNeeded: bits))
        let high = UInt32(truncatingIfNeeded: bits >> 64) & 0xFFFF
        let low = UInt32(truncatingIfNeeded: bits >> 40) & 0xFFFF
        let inner = high << 16 | low
        return inner == 0 ? [last] : [last, .v4(inner)]
    }
}
