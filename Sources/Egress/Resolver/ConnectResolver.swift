internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// One connection's view of the resolver: asks once for both families and lets only permitted addresses through.
///
/// Used for one `connect` and no longer. `ClientBootstrap` runs happy eyeballs (RFC 8305) over its two answers.
final class ConnectResolver: Resolver, Sendable {
    private let v4: EventLoopPromise<[SocketAddress]>
    private let v6: EventLoopPromise<[SocketAddress]>
    private let hasAnswer = Atomic<Bool>(false)

    init(loop: any EventLoop) {
        v4 = loop.makePromise()
        v6 = loop.makePromise()
    }

    /// Whether the look-up is over, so that what takes long is the connecting.
    var isResolved: Bool { hasAnswer.load(ordering: .relaxed) }

    /// Asks the resolver; either this or ``closeUnused()`` must be called, once.
    func begin(_ url: OutboundURL, policy: AddressPolicy, resolver: NameResolver) {
        let port = url.port
        let scheme = url.scheme
        resolver.resolve(url.host) { [self] outcome in
            let permitted = outcome.mapError { $0 as any Error }.flatMap { addresses in
                Self.permitted(addresses, port: port, scheme: scheme, policy: policy)
            }
            hasAnswer.store(true, ordering: .relaxed)
            v6.completeWith(permitted.map { $0.filter { $0.protocol == .inet6 } })
            v4.completeWith(permitted.map { $0.filter { $0.protocol == .inet } })
        }
    }

    /// Ends the promises of a connect that needs no look-up.
    func closeUnused() {
        v6.succeed([])
        v4.succeed([])
    }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { v4.futureResult }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { v6.futureResult }

    /// A look-up that is under way serves the next connection.
    func cancelQueries() {}

    private static func permitted(
        _ addresses: [SocketAddress], port: Int, scheme: OutboundURL.Scheme, policy: AddressPolicy
    ) -> Result<[SocketAddress], any Error> {
        var refusal: RefusedAddress?
        var permitted: [SocketAddress] = []
        for var address in addresses {
            switch policy.verdict(for: address, scheme: scheme) {
            case .allowed:
                address.port = port
                permitted.append(address)
            case .refused(let reason):
                refusal = refusal ?? RefusedAddress(address: address, reason: reason)
            }
        }
        if permitted.isEmpty { return .failure(refusal ?? LookupFailure.noAddress) }
        return .success(permitted)
    }
}
