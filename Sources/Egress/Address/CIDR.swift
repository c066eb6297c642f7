package import NIOCore

/// A block of IPv4 or IPv6 addresses, such as `10.0.0.0/8`; a bare address is a block of one (RFC 4632, RFC 4291).
package struct CIDR: Sendable, Hashable {
    private let network: IPAddress
    private let prefixLength: Int

    package init(_ text: String) throws(CIDRError) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let head = parts.first, !head.contains("%"),
            let socketAddress = try? SocketAddress(ipAddress: String(head), port: 0),
            let address = IPAddress(socketAddress)
        else { throw .invalidAddress(text) }
        let width = if case .v4 = address { 32 } else { 128 }
        guard let length = parts.count == 1 ? width : Self.number(parts[1]), (0...width).contains(length) else {
            throw .invalidPrefixLength(text)
        }
        guard Self.masked(address, length) == address else { throw .hostBitsSet(text) }
        network = address
        prefixLength = length
    }

    init(v4 network: UInt32, length: Int) {
        self.network = .v4(network)
        prefixLength = length
    }

    init(v6 high: UInt64, _ low: UInt64 = 0, length: Int) {
        self.network = .v6(UInt128(high) << 64 | UInt128(low))
        prefixLength = length
    }

    /// Whether the address lies in the block; an IPv4 address never lies in an IPv6 block, nor the other way round.
    package func contains(_ address: SocketAddress) -> Bool {
        IPAddress(address).map(contains) ?? false
    }

    func contains(_ address: IPAddress) -> Bool { Self.masked(address, prefixLength) == network }

    private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
        // A shift by the full width yields 0 in Swift, which is the mask of a /0.
        switch address {
        case .v4(let bits): .v4(bits & (UInt32.max << (32 - min(length, 32))))
        case .v6(let bits): .v6(bits & (UInt128.max << (128 - length)))
        }
    }

    private static func number(_ text: Substring) -> Int? {
        (1...3).contains(text.utf8.count) && text.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(text) : nil
    }
}

extension CIDR: CustomStringConvertible {
    package var description: String {
        switch network {
        case .v4(let bits):
            "\(bits >> 24).\(bits >> 16 & 255).\(bits >> 8 & 255).\(bits & 255)/\(prefixLength)"
        case .v6(let bits):
            (0..<8).map { String(UInt16(truncatingIfNeeded: bits >> UInt128(112 - 16 * $0)), radix: 16) }
                .joined(separator: ":") + "/\(prefixLength)"
        }
    }
}
