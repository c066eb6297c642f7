/// The address blocks that are not the public internet (IANA special-purpose registries, RFC 6890 and successors).
enum SpecialAddresses {
    /// The first matching block decides.
    private static let v4: [(CIDR, AddressRefusal)] = [
        (CIDR(v4: 0x0000_0000, length: 32), .unspecified),
        (CIDR(v4: 0x0000_0000, length: 8), .reserved),  // "This network", RFC 791; Linux connects 0.x to itself.
        (CIDR(v4: 0x0A00_0000, length: 8), .privateUse),
        (CIDR(v4: 0x6440_0000, length: 10), .sharedAddressSpace),
        (CIDR(v4: 0x7F00_0000, length: 8), .loopback),
        (CIDR(v4: 0xA83F_8110, length: 32), .reserved),  // Azure: its platform service.
        (CIDR(v4: 0xA9FE_0000, length: 16), .linkLocal),
        (CIDR(v4: 0xAC10_0000, length: 12), .privateUse),
        (CIDR(v4: 0xC000_0000, length: 24), .reserved),  // IETF protocol assignments.
        (CIDR(v4: 0xC000_0200, length: 24), .documentation),
        (CIDR(v4: 0xC058_6300, length: 24), .reserved),  // 6to4 relay anycast, deprecated by RFC 7526.
        (CIDR(v4: 0xC0A8_0000, length: 16), .privateUse),
        (CIDR(v4: 0xC612_0000, length: 15), .benchmarking),
        (CIDR(v4: 0xC633_6400, length: 24), .documentation),
        (CIDR(v4: 0xCB00_7100, length: 24), .documentation),
        (CIDR(v4: 0xE000_0000, length: 4), .multicast),
        (CIDR(v4: 0xF000_0000, length: 4), .reserved),
    ]

    private static let v6: [(CIDR, AddressRefusal)] = [
        (CIDR(v6: 0, 0, length: 128), .unspecified),
        (CIDR(v6: 0, 1, length: 128), .loopback),
        (CIDR(v6: 0xFE80_0000_0000_0000, length: 10), .linkLocal),
        (CIDR(v6: 0xFEC0_0000_0000_0000, length: 10), .privateUse),  // Site-local, deprecated.
        (CIDR(v6: 0xFC00_0000_0000_0000, length: 7), .privateUse),
        (CIDR(v6: 0xFF00_0000_0000_0000, length: 8), .multicast),
        (CIDR(v6: 0x2001_0002_0000_0000, length: 48), .benchmarking),
        (CIDR(v6: 0x2001_0DB8_0000_0000, length: 32), .documentation),
        (CIDR(v6: 0x3FFF_0000_0000_0000, length: 20), .documentation),
        (CIDR(v6: 0x2001_0000_0000_0000, length: 23), .reserved),  // IETF protocol assignments, ORCHID included.
    ]

    /// All of the global unicast space that has been given to IANA for allocation; the rest is reserved.
    private static let v6Global = CIDR(v6: 0x2000_0000_0000_0000, length: 3)

    /// Nil for a public address. Forms that embed an IPv4 address are ``EmbeddedAddresses``' matter.
    static func refusal(of address: IPAddress) -> AddressRefusal? {
        switch address {
        case .v4:
            return v4.first { $0.0.contains(address) }?.1
        case .v6:
            if let special = v6.first(where: { $0.0.contains(address) }) { return special.1 }
            return v6Global.contains(address) ? nil : .reserved
        }
    }
}
