internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// Looks names up on threads of its own, each name once at a time, and remembers what came out.
///
/// A name whose servers are silent costs one thread for as long as the system waits and is then left alone for a
/// minute; names that answer go on meanwhile. Nothing here judges an address.
final class NameResolver: Sendable {
    /// Blocks until it knows; runs on one of the resolver's threads.
    typealias Lookup = @Sendable (String) throws(LookupFailure) -> [SocketAddress]
    typealias Outcome = Result<[SocketAddress], LookupFailure>
    typealias Waiter = @Sendable (Outcome) -> Void

    private enum PoolState {
        case idle, running, closed
    }

    private let state: Mutex<ResolverState>
    private let threads: NIOThreadPool
    private let pool = Mutex(PoolState.idle)
    private let lookup: Lookup

    init(configuration: OutboundClientConfiguration, lookup: @escaping Lookup = SystemLookup.addresses) {
        state = Mutex(ResolverState(configuration: configuration))
        threads = NIOThreadPool(numberOfThreads: max(configuration.resolverThreads, 1))
        self.lookup = lookup
    }

    /// Calls back exactly once: at once when the answer is known, else on another thread.
    func resolve(_ host: String, _ waiter: @escaping Waiter) {
        switch state.withLock({ $0.ask(host, at: .now(), waiter) }) {
        case .answer(let outcome): waiter(outcome)
        case .wait: break
        case .lookUp:
            startThreads()
            threads.submit { [self] item in
                guard case .active = item else { return finish(host, .failure(.shutDown), began: .now()) }
                let began = NIODeadline.now()
                finish(host, Result { () throws(LookupFailure) in try lookup(host) }, began: began)
            }
        }
    }

    /// Answers everybody who still waits with `shutDown`; threads that wait for a server end when it lets them.
    func shutdown() {
        for waiter in state.withLock({ $0.shutDown() }) { waiter(.failure(.shutDown)) }
        pool.withLock { pool in
            if pool == .running { threads.shutdownGracefully { _ in } }
            pool = .closed
        }
    }

    /// The threads are many; they are there once the first name has to be looked up.
    private func startThreads() {
        pool.withLock { pool in
            guard pool == .idle else { return }
            threads.start()
            pool = .running
        }
    }

    private func finish(_ host: String, _ outcome: Outcome, began: NIODeadline) {
        let waiters = state.withLock { $0.finish(host, outcome, began: began, at: .now()) }
        for waiter in waiters { waiter(outcome) }
    }
}
