package import NIOCore
internal import NIOPosix
internal import Synchronization

/// An HTTP/1.1 client for addresses that nobody vouches for.
///
/// It connects only where its ``AddressPolicy`` permits, keeps one deadline over look-up, connect, TLS and answer,
/// reads no more than it is told to, and never follows, decodes or trusts what comes back. Connections are kept
/// per scheme, host, port and TLS profile. There is no queue: who calls limits how much is under way.
///
/// Call ``shutdown()`` before letting go of it.
package final class OutboundClient: Sendable {
    private let lanes: [NIOLoopBoundBox<Lane>]
    private let resolver: NameResolver
    /// Only a group that this client made is shut down with it.
    private let ownGroup: MultiThreadedEventLoopGroup?
    private let lastIdentifier = Atomic<UInt64>(0)
    private let gate = Gate()

    /// Without a group it runs on a thread of its own (two on machines with more than four cores), so that
    /// handshakes delay nobody else.
    package convenience init(
        configuration: OutboundClientConfiguration, eventLoopGroup: (any EventLoopGroup)? = nil
    ) {
        self.init(
            configuration: configuration, resolver: NameResolver(configuration: configuration),
            eventLoopGroup: eventLoopGroup)
    }

    init(
        configuration: OutboundClientConfiguration, resolver: NameResolver, eventLoopGroup: (any EventLoopGroup)?
    ) {
        let ownGroup =
            eventLoopGroup == nil ? MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount > 4 ? 2 : 1) : nil
        let loops = (eventLoopGroup ?? ownGroup).map { Array($0.makeIterator()) } ?? []
        let limits = LaneLimits(configuration, lanes: max(loops.count, 1))
        let policy = configuration.policy
        lanes = loops.map { loop in
            .makeBoxSendingValue(
                Lane(loop: loop, policy: policy, resolver: resolver, limits: limits), eventLoop: loop)
        }
        self.resolver = resolver
        self.ownGroup = ownGroup
    }

    /// Sends one request and returns the server's final answer, whatever its status.
    ///
    /// A request that a reused connection lost before any byte of an answer came is sent once more on a fresh one,
    /// because servers close idle connections without notice. Cancellation closes the connection. An answer that
    /// comes before the request is fully written counts. Timeouts are noticed at most 20 ms late.
    package func send(_ request: OutboundRequest) async throws(EgressError) -> OutboundResponse {
        let id = lastIdentifier.wrappingAdd(1, ordering: .relaxed).newValue
        let submission = try Submission(request, id: id)
        guard gate.enter() else { throw Self.error(.shutDown, "The client is shut down.") }
        defer { gate.leave() }
        guard !Task.isCancelled else { throw Self.error(.cancelled, "The request was cancelled.") }
        let lane = lane(for: request.url)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { completion in
                lane.eventLoop.execute { lane.value.start(Exchange(submission, completion: completion)) }
                // A cancellation between the check above and the start would otherwise have found nothing.
                if Task.isCancelled { lane.eventLoop.execute { lane.value.cancel(id) } }
            }
        } onCancel: {
            lane.eventLoop.execute { lane.value.cancel(id) }
        }
        return try result.get()
    }

    /// Fails what is under way with `shutDown`, closes every connection and returns when all callers have been told.
    ///
    /// Calls after the first return at once. Threads that wait for a silent name server end by themselves later.
    package func shutdown() async {
        guard gate.close() else { return }
        resolver.shutdown()
        for lane in lanes { lane.eventLoop.execute { lane.value.shutDown() } }
        await gate.untilEmpty()
        try? await ownGroup?.shutdownGracefully()
    }

    private func lane(for url: OutboundURL) -> NIOLoopBoundBox<Lane> {
        guard lanes.count > 1 else { return lanes[0] }
        var hasher = Hasher()
        hasher.combine(url.host)
        hasher.combine(url.port)
        return lanes[Int(UInt(bitPattern: hasher.finalize()) % UInt(lanes.count))]
    }

    private static func error(_ code: EgressError.Code, _ detail: String) -> EgressError {
        EgressError(code, phase: .resolve, requestState: .unsent, detail: detail)
    }
}
