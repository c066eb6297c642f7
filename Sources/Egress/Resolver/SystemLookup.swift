internal import NIOCore

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

/// The system's own resolver, which blocks its thread until it knows.
enum SystemLookup {
    /// The addresses in the order of RFC 6724, port 0; numeric forms are whatever the system takes them for.
    static let addresses: NameResolver.Lookup = { (host) throws(LookupFailure) in
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = streamSocket
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard status == 0 else {
            throw status == EAI_AGAIN || status == EAI_FAIL || status == EAI_SYSTEM ? .noAnswer : .noAddress
        }
        var addresses: [SocketAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = socketAddress(entry) { addresses.append(address) }
            next = entry.ai_next
        }
        return addresses
    }

    private static func socketAddress(_ entry: addrinfo) -> SocketAddress? {
        guard let raw = entry.ai_addr else { return nil }
        return switch entry.ai_family {
        case AF_INET: SocketAddress(UnsafeRawPointer(raw).loadUnaligned(as: sockaddr_in.self))
        case AF_INET6: SocketAddress(UnsafeRawPointer(raw).loadUnaligned(as: sockaddr_in6.self))
        default: nil
        }
    }

    #if canImport(Glibc)
        private static let streamSocket = Int32(SOCK_STREAM.rawValue)
    #else
        private static let streamSocket = SOCK_STREAM
    #endif
}
