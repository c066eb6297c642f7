package import NIOCore

/// Decides which addresses may be connected to: public ones, and those that the operator lists.
///
/// Pure, and asked about the address itself right before the connection is made, so that no spelling of a host and
/// no change of a DNS record gets around it.
package struct AddressPolicy: Sendable, Hashable {
    package enum Verdict: Sendable, Hashable {
        case allowed
        case refused(AddressRefusal)
    }

    /// Blocks that may be connected to although they are not public, also over plain HTTP.
    package let allowed: [CIDR]
    /// Whether plain HTTP may leave to public addresses too; lifts no other rule.
    package let allowsPlainHTTP: Bool

    package init(allowed: [CIDR] = [], allowsPlainHTTP: Bool = false) {
        self.allowed = allowed
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    /// An IPv6 form of an IPv4 address needs both: its own block listed, and the IPv4 address allowed by itself.
    package func verdict(for address: SocketAddress, scheme: OutboundURL.Scheme) -> Verdict {
        guard let address = IPAddress(address) else { return .refused(.notInternet) }
        return verdict(for: address, scheme: scheme)
    }

    private func verdict(for address: IPAddress, scheme: OutboundURL.Scheme) -> Verdict {
        let isListed = allowed.contains { $0.contains(address) }
        if case .v6(let bits) = address {
            let embedded = EmbeddedAddresses.embedded(in: bits)
            for inner in embedded {
                if case .refused(let reason) = verdict(for: inner, scheme: scheme) { return .refused(reason) }
            }
            if !embedded.isEmpty { return isListed ? .allowed : .refused(.embeddedIPv4) }
        }
        if isListed { return .allowed }
        if let reason = SpecialAddresses.refusal(of: address) { return .refused(reason) }
        return scheme == .https || allowsPlainHTTP ? .allowed : .refused(.plainHTTP)
    }
}
