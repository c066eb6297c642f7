internal import NIOCore

/// A connection attempt's socket, as seen from other threads.
struct Session: Sendable {
    let eventLoop: any EventLoop
    let ready: EventLoopFuture<Void>
    let closed: EventLoopFuture<AMQPError>
    private let handler: NIOLoopBound<ConnectionHandler>

    /// To be made on the handler's event loop.
    init(_ handler: ConnectionHandler) {
        eventLoop = handler.eventLoop
        ready = handler.ready.futureResult
        closed = handler.closed.futureResult
        self.handler = NIOLoopBound(handler, eventLoop: handler.eventLoop)
    }

    /// Runs the body on the event loop.
    func perform(_ body: @escaping @Sendable (ConnectionHandler) -> Void) {
        eventLoop.execute { body(handler.value) }
    }

    func closeGracefully() {
        perform { $0.closeGracefully() }
    }

    func end(_ reason: AMQPError) {
        perform { $0.end(reason) }
    }

    func openChannel() async throws -> Channel {
        try await withCheckedThrowingContinuation { continuation in
            perform { handler in
                ControlChannel(handler: handler) { result in
                    continuation.resume(with: result.map { Channel($0, on: handler.eventLoop) })
                }.open()
            }
        }
    }

    /// Returns when everything attached works on this connection, or when the connection has ended.
    func attach(_ attachments: [any Attachment]) async {
        await withTaskGroup { group in
            for attachment in attachments {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        perform { attachment.attach(to: $0) { continuation.resume() } }
                    }
                }
            }
        }
    }
}
