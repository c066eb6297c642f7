import AMQP
import Synchronization

/// Takes one message after the other out of a queue, as an operator's tool would.
final class QueueReader: Sendable {
    private let group: ConsumerGroup
    private let read = Mutex<[Delivery]>([])

    init(_ client: Connection, queue: String) async throws {
        group = client.makeConsumerGroup(name: "reader of \(queue)")
        try await group.add(queue: queue, consumerTag: "reader-\(queue)", prefetch: 64)
    }

    /// The next message, waited for.
    func next() async throws -> Delivery {
        if let delivery = take() { return delivery }
        for await batch in group.deliveries where !batch.isEmpty {
            read.withLock { $0 += batch }
            if let delivery = take() { return delivery }
        }
        throw SystemTestError("The queue's messages ended.")
    }

    private func take() -> Delivery? {
        let delivery = read.withLock { $0.isEmpty ? nil : $0.removeFirst() }
        delivery?.ack()
        return delivery
    }
}

extension Delivery {
    /// The header as text, numbers included.
    func header(_ name: String) -> String? {
        let value = properties.headers[name]
        return value?.stringValue ?? value?.integerValue.map { String($0) }
    }
}
