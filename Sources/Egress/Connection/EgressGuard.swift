internal import NIOCore

/// The last handler before the socket: asks the policy about the very address that `connect(2)` is about to get.
final class EgressGuard: ChannelOutboundHandler {
    typealias OutboundIn = Any

    private let policy: AddressPolicy
    private let scheme: OutboundURL.Scheme
    private var context: ChannelHandlerContext?

    init(policy: AddressPolicy, scheme: OutboundURL.Scheme) {
        self.policy = policy
        self.scheme = scheme
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func connect(context: ChannelHandlerContext, to address: SocketAddress, promise: EventLoopPromise<Void>?) {
        switch policy.verdict(for: address, scheme: scheme) {
        case .allowed:
            context.connect(to: address, promise: promise)
        case .refused(let reason):
            promise?.fail(RefusedAddress(address: address, reason: reason))
            // Nobody has the channel yet who would close it.
            context.close(promise: nil)
        }
    }

    /// Closes the socket without the ceremony of TLS, for which an untrusted peer could take its time.
    func abort() { context?.close(promise: nil) }
}
