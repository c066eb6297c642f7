/// Why the policy forbids an address.
package enum AddressRefusal: String, Error, Sendable, Hashable, CaseIterable {
    case unspecified
    case loopback
    case privateUse
    case linkLocal
    case sharedAddressSpace
    case multicast
    case documentation
    case benchmarking
    case reserved
    /// An IPv6 form that stands for an IPv4 address: mapped, compatible, NAT64, 6to4, Teredo.
    case embeddedIPv4
    /// A public address, but over plain HTTP.
    case plainHTTP
    /// Not an IP address at all.
    case notInternet

    /// What the address is, to stand behind "the address is".
    package var explanation: String {
        switch self {
        case .unspecified: "unspecified"
        case .loopback: "a loopback address"
        case .privateUse: "private"
        case .linkLocal: "link-local"
        case .sharedAddressSpace: "in the shared space of carriers (CGNAT)"
        case .multicast: "a multicast address"
        case .documentation: "reserved for documentation"
        case .benchmarking: "reserved for benchmarks"
        case .reserved: "reserved"
        case .embeddedIPv4: "an IPv6 form of an IPv4 address"
        case .plainHTTP: "public, and plain http may leave only to allowed address blocks"
        case .notInternet: "not an internet address"
        }
    }
}
