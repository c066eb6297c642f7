internal import NIOCore

/// The bits of an address, comparable with prefixes.
enum IPAddress: Sendable, Hashable {
    case v4(UInt32)
    case v6(UInt128)

    // `sockaddr_in` and `sockaddr_in6` are laid out alike everywhere, and `withSockAddr` gives their bytes without
    // an import of the system module that declares them, which differs between platforms.
    private static let offsetOfV4 = 4
    private static let offsetOfV6 = 8

    /// Nil for a Unix domain socket, which has no bits.
    init?(_ address: SocketAddress) {
        switch address {
        case .v4:
            self = address.withSockAddr { pointer, _ in
                .v4(UInt32(bigEndian: Self.load(pointer, Self.offsetOfV4)))
            }
        case .v6:
            self = address.withSockAddr { pointer, _ in
                .v6(UInt128(bigEndian: Self.load(pointer, Self.offsetOfV6)))
            }
        case .unixDomainSocket:
            return nil
        }
    }

    private static func load<Bits: BitwiseCopyable>(_ pointer: UnsafeRawPointer, _ offset: Int) -> Bits {
        pointer.loadUnaligned(fromByteOffset: offset, as: Bits.self)
    }
}
