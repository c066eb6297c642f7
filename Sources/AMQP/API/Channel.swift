internal import NIOCore

/// One open AMQP channel for declarations and other calls, which the broker answers in their order.
///
/// Once the broker has closed it, or `Connection.withChannel` has ended, every call throws.
package final class Channel: Sendable {
    private let eventLoop: any EventLoop
    private let control: NIOLoopBound<ControlChannel>

    /// To be made on that event loop.
    init(_ control: ControlChannel, on eventLoop: any EventLoop) {
        self.eventLoop = eventLoop
        self.control = NIOLoopBound(control, eventLoop: eventLoop)
    }

    /// Sends a method and returns the broker's answer to it.
    func call(_ method: OutgoingMethod) async throws -> ControlChannel.Reply {
        try await withCheckedThrowingContinuation { continuation in
            eventLoop.execute { [control] in
                control.value.call(method) { continuation.resume(with: $0) }
            }
        }
    }

    /// Returns when the broker has confirmed it, and so has taken all settlements made before.
    func close() async {
        await withCheckedContinuation { continuation in
            eventLoop.execute { [control] in
                control.value.close { continuation.resume() }
            }
        }
    }
}
