import AMQP
import Synchronization

/// Every dead letter of the webhook channel, as an operator's tool reads them.
final class DeadLetterLog: Sendable {
    private let group: ConsumerGroup
    private let seen = Mutex<[Delivery]>([])

    init(_ client: Connection) async throws {
        group = client.makeConsumerGroup(name: "dead letters")
        try await group.add(queue: "distribution.dead.webhook", consumerTag: "dead-letters", prefetch: 256)
    }

    /// All that have been read so far, in order.
    var letters: [Delivery] { seen.withLock { $0 } }

    /// The letter of this job that died with this epoch or a later one, waited for.
    func wait(for job: Int64, epoch: Int64 = 1) async throws -> Delivery {
        var deliveries = group.deliveries.makeAsyncIterator()
        while true {
            if let letter = letters.last(where: { $0.number("x-job-id") == job && $0.number("x-epoch") >= epoch }) {
                return letter
            }
            guard let batch = await deliveries.next() else { throw SystemTestError("The dead letters ended.") }
            seen.withLock { $0 += batch }
            for delivery in batch { delivery.ack() }
        }
    }

    func forget() {
        seen.withLock { $0 = [] }
    }
}

extension Delivery {
    fileprivate func number(_ name: String) -> Int64 { header(name).flatMap { Int64($0) } ?? 0 }
}
