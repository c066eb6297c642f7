internal import AMQP

/// Tries on a connection of its own whether the broker answers the consumer of a queue that it did not answer before:
/// one more failure would cost the connection on which all others are consumed.
struct QueueProbe: Sendable {
    let makeConnection: @Sendable () -> Connection

    /// Returns once the queue has a consumer, which is taken away again; waits for the broker where it is away.
    ///
    /// - Throws: `AMQPError.unanswered`, or whatever else the broker holds against it.
    func check(_ queue: String) async throws {
        let connection = makeConnection()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await connection.run() }
            defer { tasks.cancelAll() }
            guard await connection.waitUntilConnected() != nil else { throw CancellationError() }
            let group = connection.makeConsumerGroup(name: "probe of \(queue)")
            try await group.add(queue: queue, consumerTag: "probe", prefetch: 1)
        }
    }
}
