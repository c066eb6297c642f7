internal import NIOCore
internal import NIOHTTP1

/// Everything of a client that lives on one event loop: its exchanges, its connections, its clock.
///
/// Never touched from elsewhere, so that it needs no lock. Requests to one host and port always take the same lane.
final class Lane {
    let loop: any EventLoop
    let policy: AddressPolicy
    let resolver: NameResolver

    /// How late a timeout may be noticed; one timer for all exchanges is far cheaper than one for each.
    private static let tick = TimeAmount.milliseconds(20)
    private static let reaping = TimeAmount.seconds(1)

    private let limits: LaneLimits
    private var active: [UInt64: Exchange] = [:]
    private var idle: IdleConnections
    private var isTicking = false
    private var isReaping = false
    private var isShutDown = false
    private let postHead = HTTPRequestHead(version: .http1_1, method: .POST, uri: "")

    init(loop: any EventLoop, policy: AddressPolicy, resolver: NameResolver, limits: LaneLimits) {
        self.loop = loop
        self.policy = policy
        self.resolver = resolver
        self.limits = limits
        idle = IdleConnections(perKey: limits.idlePerKey)
    }

    // MARK: Exchanges

    func start(_ exchange: Exchange) {
        guard !isShutDown else {
            return exchange.finish(.failure(exchange.error(.shutDown, "The client is shut down.")))
        }
        active[exchange.submission.id] = exchange
        startTicking()
        while let connection = idle.take(exchange.submission.key) {
            guard connection.isIdle else { continue }
            return connection.carry(exchange)
        }
        connect(exchange)
    }

    func cancel(_ id: UInt64) {
        guard let exchange = active[id] else { return }
        stop(exchange, exchange.error(.cancelled, "The request was cancelled."))
    }

    func finish(_ exchange: Exchange, _ result: Result<OutboundResponse, EgressError>) {
        guard active.removeValue(forKey: exchange.submission.id) != nil else { return }
        exchange.finish(result)
    }

    /// A connection ended under an exchange: once, if the server may just have closed it, a fresh one takes over.
    func lost(_ exchange: Exchange, from connection: Connection, cause: (any Error)?) {
        guard !exchange.hasRetried, !isShutDown, connection.mayHaveLostRace else {
            return finish(exchange, .failure(exchange.lossError(cause)))
        }
        exchange.hasRetried = true
        connect(exchange)
    }

    private func connect(_ exchange: Exchange) {
        // Every active exchange has or is about to have a connection, this one included.
        if active.count + idle.count > limits.maxConnections {
            guard let oldest = idle.takeOldest() else {
                return finish(exchange, .failure(exchange.error(.tooBusy, "Too many connections are open.")))
            }
            oldest.retire()
        }
        let attempt = ConnectAttempt(exchange: exchange, lane: self)
        exchange.beginConnecting(attempt)
        attempt.begin()
    }

    /// Ends an exchange before its answer, together with what it occupies.
    private func stop(_ exchange: Exchange, _ error: EgressError) {
        switch exchange.stage {
        case .connecting(let attempt): attempt.abandon()
        case .assigned(let connection): connection.abort()
        case .waiting, .finished: break
        }
        finish(exchange, .failure(error))
    }

    // MARK: Connections

    /// The head that tells the decoder how an answer to this method ends.
    func decoderHead(_ method: HTTPMethod) -> HTTPRequestHead {
        method == .POST ? postHead : HTTPRequestHead(version: .http1_1, method: method, uri: "")
    }

    /// Keeps an open connection for the next request of its key.
    func park(_ connection: Connection) {
        guard !isShutDown else { return connection.retire() }
        idle.insert(connection, at: .now())?.retire()
        if idle.count > limits.maxIdle { idle.takeOldest()?.retire() }
        startReaping()
    }

    /// A connection that waited here is gone.
    func forget(_ connection: Connection) { idle.remove(connection) }

    // MARK: Time

    private func startTicking() {
        guard !isTicking else { return }
        isTicking = true
        loop.assumeIsolated().scheduleTask(in: Self.tick) {
            self.isTicking = false
            self.stopOverdue(at: .now())
            if !self.active.isEmpty { self.startTicking() }
        }
    }

    private func stopOverdue(at now: NIODeadline) {
        for exchange in active.values.filter({ $0.isOverdue(at: now) }) { stop(exchange, exchange.timeoutError()) }
    }

    private func startReaping() {
        guard !isReaping else { return }
        isReaping = true
        loop.assumeIsolated().scheduleTask(in: Self.reaping) {
            self.isReaping = false
            let limit = NIODeadline.now() - self.limits.idleTimeout
            while let connection = self.idle.takeOldest(idleSince: limit) { connection.retire() }
            if self.idle.count > 0 { self.startReaping() }
        }
    }

    // MARK: Ending

    /// Fails what is under way and closes every connection; whatever starts later fails at once.
    func shutDown() {
        isShutDown = true
        for exchange in active.values { stop(exchange, exchange.error(.shutDown, "The client is shut down.")) }
        while let connection = idle.takeOldest() { connection.abort() }
    }
}
