import AMQP
import LocalBroker
import Logging
import NIOPosix
import Testing

@Suite("Publishing and consuming", .timeLimit(.minutes(1)))
struct PublishAndConsumeTests {
    @Test func `ten thousand messages arrive confirmed, each by its id`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let count = 10_000
            let publisher = broker.connection.makePublisher()
            let messages = (0..<count).map {
                OutgoingMessage.to("q", id: "\($0)", body: [UInt8](repeating: 1, count: 2048))
            }
            let results = await publisher.publish(messages)
            #expect(results.count == count)
            #expect(results.allSatisfy { $0 == .confirmed })

            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "c", prefetch: 256)
            var ids: Set<String> = []
            reading: for await batch in group.deliveries {
                for delivery in batch {
                    #expect(!delivery.redelivered)
                    ids.insert(delivery.properties.messageID ?? "")
                    delivery.ack()
                }
                if ids.count == count { break reading }
            }
            #expect(ids == Set((0..<count).map(String.init)))
        }
    }
}
