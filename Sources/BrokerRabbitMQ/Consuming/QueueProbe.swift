internal import AMQP

/// Tries on a connection of its own whether the broker answers the consumer of a queue that it did not answer before, or
/// may not answer: that would cost the connection on which all others are consumed.
struct QueueProbe: Sendable {
    /// How much time the broker has got.
    enum Patience: Sendable {
        /// Where a queue is lost if it is given up wrongly, or much has to be handed out again: it may be slow, or have
        /// much to read before it is back.
        case usual
        /// Where little can be in it.
        case short
    }

    /// Makes a connection whose consumers are `unanswered` after so many seconds; nil for as many as the settings say.
    let makeConnection: @Sendable (_ seconds: Int?) -> Connection
    private static let quickly = 1

    /// Returns once the queue has a consumer, which is taken away again; waits for the broker where it is away.
    ///
    /// It is asked twice: a quorum queue that is just coming back may leave the first consumer without an answer for good,
    /// and answer the second at once.
    ///
    /// - Throws: `AMQPError.unanswered`, or whatever else the broker holds against it.
    func check(_ queue: String, patience: Patience = .usual) async throws {
        do {
            try await ask(queue, for: Self.quickly)
        } catch let error as AMQPError where error.isUnanswered {
            try await ask(queue, for: patience == .short ? Self.quickly : nil)
        }
    }

    private func ask(_ queue: String, for seconds: Int?) async throws {
        let connection = makeConnection(seconds)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await connection.run() }
            defer { tasks.cancelAll() }
            guard await connection.waitUntilConnected() != nil else { throw CancellationError() }
            let group = connection.makeConsumerGroup(name: "probe of \(queue)")
            try await group.add(queue: queue, consumerTag: "probe", prefetch: 1, isProven: true)
        }
    }
}
