internal import NIOCore

/// An address that the policy forbids, as found in a look-up or right before a connect.
struct RefusedAddress: Error, Sendable {
    let address: SocketAddress
    let reason: AddressRefusal
}
