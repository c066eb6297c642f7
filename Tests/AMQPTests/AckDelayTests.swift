import AMQP
import Testing

@Suite("Acks that wait for company", .timeLimit(.minutes(1)))
struct AckDelayTests {
    private func publish(_ count: Int, _ broker: TestBroker) async throws {
        try await broker.declareQueue("q")
        let messages = (0..<count).map { OutgoingMessage.to("q", id: "\($0)", body: [1]) }
        let results = await broker.connection.makePublisher().publish(messages)
        #expect(results.allSatisfy { $0 == .confirmed })
    }

    @Test(arguments: [1, 4, 40]) func `never keep messages from coming`(prefetch: UInt16) async throws {
        try await withBroker { broker in
            try await publish(100, broker)
            let group = broker.connection.makeConsumerGroup(name: "g", ackDelay: .seconds(3600))
            try await group.add(queue: "q", consumerTag: "c", prefetch: prefetch)
            let deliveries = await group.collect(100) { $0.ack() }
            #expect(deliveries.allSatisfy { !$0.redelivered })
        }
    }

    @Test func `wait no longer than they may`() async throws {
        try await withBroker { broker in
            try await publish(9, broker)
            let group = broker.connection.makeConsumerGroup(name: "g", ackDelay: .milliseconds(1))
            try await group.add(queue: "q", consumerTag: "c", prefetch: 8)
            // One of eight waits for another; the ninth message comes once the broker has it.
            let deliveries = await group.collect(9) { if $0.properties.messageID == "0" { $0.ack() } }
            #expect(deliveries.map(\.properties.messageID) == (0..<9).map(String.init))
        }
    }

    @Test func `leave before their channel closes`() async throws {
        try await withBroker { broker in
            try await publish(3, broker)
            let group = broker.connection.makeConsumerGroup(name: "g", ackDelay: .seconds(3600))
            try await group.add(queue: "q", consumerTag: "c", prefetch: 100)
            _ = await group.collect(3) { $0.ack() }
            group.renewChannel()
            // What the broker took back unsettled would come before it.
            let late = OutgoingMessage.to("q", id: "late", body: [1])
            #expect(await broker.connection.makePublisher().publish(late) == .confirmed)
            #expect(await group.collect(1).map(\.properties.messageID) == ["late"])
        }
    }

    @Test func `do not hold a rejection back`() async throws {
        try await withBroker { broker in
            try await publish(2, broker)
            let group = broker.connection.makeConsumerGroup(name: "g", ackDelay: .seconds(3600))
            try await group.add(queue: "q", consumerTag: "c", prefetch: 100)
            let deliveries = await group.collect(3) { delivery in
                if delivery.properties.messageID == "1", !delivery.redelivered {
                    delivery.reject(requeue: true)
                } else {
                    delivery.ack()
                }
            }
            #expect(deliveries.map(\.properties.messageID) == ["0", "1", "1"])
        }
    }
}
