internal import AMQP
internal import Synchronization

/// One stream of messages, in batches, out of the deliveries of several consumer groups.
///
/// It ends once it was closed and every group that fed it has ended.
final class MergedDeliveries<Message: Sendable>: Sendable {
    private struct State: Sendable {
        var sources = 0
        var isClosed = false
    }

    let messages: AsyncStream<[Message]>
    private let continuation: AsyncStream<[Message]>.Continuation
    private let state = Mutex(State())

    init() {
        (messages, continuation) = AsyncStream.makeStream()
    }

    /// Announces a group before its deliveries are pumped, so that the stream does not end without them.
    func expectSource() {
        state.withLock { $0.sources += 1 }
    }

    /// Hands on what the group delivers until it ends.
    ///
    /// Deliveries of a channel that has closed meanwhile are left out: they come again. What nobody reads any more goes
    /// back to its queue.
    func pump(_ group: ConsumerGroup, decoding: @Sendable ([Delivery]) -> [Message]) async {
        for await batch in group.deliveries {
            let fresh = batch.contains(where: \.isStale) ? batch.filter { !$0.isStale } : batch
            guard !fresh.isEmpty else { continue }
            if case .terminated = continuation.yield(decoding(fresh)) {
                for delivery in fresh { delivery.reject(requeue: true) }
            }
        }
        finishIfDone { $0.sources -= 1 }
    }

    /// No further group comes.
    func close() {
        finishIfDone { $0.isClosed = true }
    }

    /// Ends the stream whatever its groups do.
    func finish() {
        continuation.finish()
    }

    private func finishIfDone(after change: (inout State) -> Void) {
        let isDone = state.withLock { state in
            change(&state)
            return state.isClosed && state.sources == 0
        }
        if isDone { continuation.finish() }
    }
}
