internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

extension Connection {
    /// Keeps the connection until the task is cancelled, then closes it gracefully.
    ///
    /// Reconnection never gives up: the pause grows from 100 ms to 1 s, with jitter; of one reason that lasts it warns
    /// twice a minute. Before it returns, all streams of states, deliveries and events have been finished. Call it once.
    package func run() async {
        var backoff = Backoff()
        var generator = SystemRandomNumberGenerator()
        var attempt = 1
        var lastError: AMQPError?
        var reports = ReportPace()
        while !Task.isCancelled {
            registry.change(to: .connecting(attempt: attempt, lastError: lastError))
            let (wasConnected, error) = await connectOnce()
            guard !Task.isCancelled else { break }
            if wasConnected {
                backoff = Backoff()
                reports = ReportPace()
                attempt = 0
            }
            attempt += 1
            lastError = error
            // Before it is logged: who reads the log and then asks for the state finds the same reason there.
            registry.change(to: .connecting(attempt: attempt, lastError: error))
            logger.log(
                level: reports.isDue(error, at: .now) ? .warning : .debug,
                "There is no connection to the broker; trying again.",
                metadata: [
                    "amqp.error": "\(error)", "amqp.attempt": "\(attempt)", "remediation": "\(error.remediation)",
                ])
            await pause(milliseconds: backoff.next(using: &generator))
        }
        registry.change(to: .closed)
        for attachment in registry.removeAll() { attachment.finish() }
    }

    /// Connects, and returns when the connection has ended, with the reason and whether it had become usable.
    private func connectOnce() async -> (wasConnected: Bool, AMQPError) {
        let session: Session
        do {
            session = try await openSession()
        } catch {
            return (false, ConnectionHandler.translated(error))
        }
        return await withTaskCancellationHandler {
            do {
                try await session.ready.get()
                try await prepare(session)
            } catch {
                registry.endSession()
                let cause = error as? AMQPError ?? .connectionClosed(code: 0, text: String(describing: error))
                session.end(cause)
                _ = try? await session.closed.get()
                return (false, cause)
            }
            let generation = registry.connected()
            logger.info("Connected to the broker.", metadata: ["amqp.generation": "\(generation)"])
            let end = try? await session.closed.get()
            registry.endSession()
            return (true, end ?? .notConnected)
        } onCancel: {
            session.closeGracefully()
        }
    }

    private func prepare(_ session: Session) async throws {
        if let onConnect { try await Self.withChannel(of: session, onConnect) }
        let attachments = registry.begin(session)
        for attachment in attachments { attachment.expectAttaching() }
        await session.attach(attachments)
    }

    private func openSession() async throws -> Session {
        let tls = try configuration.tls.map { try $0.makeContext() }
        // What cancellation closes; DNS and TCP could otherwise hold up a shutdown for the whole timeout.
        let socket = Mutex<(any NIOCore.Channel)?>(nil)
        let bootstrap = ClientBootstrap(group: eventLoopGroup)
            .connectTimeout(.seconds(Int64(configuration.connectTimeoutSeconds)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 256 << 10, high: 1 << 20))
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 65_536, maximum: 262_144)
            )
        return try await withTaskCancellationHandler {
            try Task.checkCancellation()
            return try await bootstrap.connect(host: configuration.host, port: configuration.port) { channel in
                socket.withLock { $0 = channel }
                return channel.eventLoop.makeCompletedFuture { try self.configure(channel, tls: tls) }
            }
        } onCancel: {
            socket.withLock { $0 }?.close(promise: nil)
        }
    }

    private func configure(_ channel: any NIOCore.Channel, tls: NIOSSLContext?) throws -> Session {
        if let tls {
            let name = configuration.tls?.serverName ?? configuration.host
            try channel.pipeline.syncOperations.addHandler(TLSOptions.makeHandler(context: tls, host: name))
        }
        let handler = try ConnectionHandler(
            configuration: configuration, eventLoop: channel.eventLoop, logger: logger,
            onBlocked: { [registry, logger] reason in
                if let reason {
                    logger.warning("The broker takes no publishes for now.", metadata: ["amqp.reason": "\(reason)"])
                } else {
                    logger.info("The broker takes publishes again.")
                }
                registry.blocked(reason)
            })
        try channel.pipeline.syncOperations.addHandler(handler)
        return Session(handler)
    }

    private func pause(milliseconds: Int64) async {
        let timer = eventLoopGroup.next().scheduleTask(in: .milliseconds(milliseconds)) {}
        await withTaskCancellationHandler {
            _ = try? await timer.futureResult.get()
        } onCancel: {
            timer.cancel()
        }
    }
}
