import AMQP
import LocalBroker
import Testing

@Suite("Channels that the broker closes", .timeLimit(.minutes(1)))
struct ChannelFaultTests {
    @Test func `a missing queue costs the scratch channel and nothing else`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let publisher = broker.connection.makePublisher()
            #expect(await publisher.publish(.to("q", id: "1")) == .confirmed)
            try await broker.connection.withChannel { channel in
                await #expect {
                    _ = try await channel.declareQueue(name: "missing", passive: true)
                } throws: {
                    if case AMQPError.channelClosed(404, let text) = $0 { text.contains("missing") } else { false }
                }
                await #expect(throws: AMQPError.self) { _ = try await channel.get(queue: "q") }
            }
            await #expect {
                _ = try await broker.declareQueue("q", arguments: ["x-max-length": 3])
            } throws: {
                if case AMQPError.channelClosed(406, _) = $0 { true } else { false }
            }
            #expect(await publisher.publish(.to("q", id: "2")) == .confirmed)
            #expect(broker.connection.state == .connected(generation: 1))
        }
    }

    @Test func `a consumer of a missing queue gets the error, the others on its channel are restored`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "good", prefetch: 5)
            await #expect {
                try await group.add(queue: "missing", consumerTag: "bad", prefetch: 5)
            } throws: {
                if case AMQPError.channelClosed(404, _) = $0 { true } else { false }
            }
            #expect(await group.nextEvent() == .channelReopened)
            #expect(await broker.connection.makePublisher().publish(.to("q", id: "1")) == .confirmed)
            #expect(await group.collect(1) { $0.ack() }.map(\.consumerTag) == ["good"])
            await #expect(throws: AMQPError.self) {
                try await group.add(queue: "q", consumerTag: "good", prefetch: 5)
            }
            #expect(broker.connection.state == .connected(generation: 1))
        }
    }

    @Test func `a message for a missing exchange is returned, and the publisher goes on`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let publisher = broker.connection.makePublisher()
            let bad = OutgoingMessage(exchange: "missing", routingKey: "q", body: [])
            let results = await publisher.publish([.to("q", id: "1"), bad])
            guard case .returned(404, _) = results[1] else {
                Issue.record("\(results)")
                return
            }
            #expect([.confirmed, .lost].contains(results[0]))
            #expect(await publisher.publish(.to("q", id: "2")) == .confirmed)
            #expect(broker.connection.state == .connected(generation: 1))
        }
    }

    @Test func `a deleted queue ends its consumer with an event, and it can be added again`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("doomed")
            try await broker.declareQueue("other")
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "doomed", consumerTag: "d", prefetch: 5)
            try await group.add(queue: "other", consumerTag: "o", prefetch: 5)
            try await broker.connection.withChannel { _ = try await $0.deleteQueue(name: "doomed") }
            #expect(await group.nextEvent() == .cancelledByBroker(consumerTag: "d"))
            try await broker.declareQueue("doomed")
            try await group.add(queue: "doomed", consumerTag: "d", prefetch: 5)
            let publisher = broker.connection.makePublisher()
            #expect(
                await publisher.publish([.to("doomed", id: "1"), .to("other", id: "2")]) == [.confirmed, .confirmed])
            #expect(Set(await group.collect(2) { $0.ack() }.map(\.queue)) == ["doomed", "other"])
        }
    }

    @Test func `settlements in any order never close the channel`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let count = 5000
            let publisher = broker.connection.makePublisher()
            let sent = await publisher.publish((0..<count).map { .to("q", id: "\($0)") })
            #expect(sent.allSatisfy { $0 == .confirmed })
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "c", prefetch: 300)
            var random = SplitMix(state: 4)
            var held: [Delivery] = []
            var acked: Set<String> = []
            reading: for await batch in group.deliveries {
                held += batch
                held.shuffle(using: &random)
                // The rest stays for later, so that gaps of every kind come about.
                let isLast = acked.count + held.count >= count
                for delivery in held.suffix(isLast ? held.count : held.count / 2) {
                    if Int.random(in: 0..<20, using: &random) == 0 {
                        delivery.reject(requeue: true)
                    } else {
                        delivery.ack()
                        delivery.ack()
                        acked.insert(delivery.properties.messageID ?? "")
                    }
                }
                held.removeLast(isLast ? held.count : held.count / 2)
                if acked.count == count { break reading }
            }
            await group.close()
            #expect(try await broker.messageCount(of: "q") == 0)
            #expect(await group.nextEvent() == nil)
            #expect(broker.connection.state == .connected(generation: 1))
        }
    }

    @Test func `what a cancelled reader does not take goes to others`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let group = broker.connection.makeConsumerGroup(name: "cancelled")
            try await group.add(queue: "q", consumerTag: "a", prefetch: 5)
            await withTaskGroup(of: Void.self) { tasks in
                tasks.addTask { for await _ in group.deliveries {} }
                tasks.cancelAll()
            }
            let sent = await broker.connection.makePublisher().publish((0..<50).map { .to("q", id: "\($0)") })
            #expect(sent.allSatisfy { $0 == .confirmed })
            let other = broker.connection.makeConsumerGroup(name: "other")
            try await other.add(queue: "q", consumerTag: "b", prefetch: 5)
            let received = await other.collect(50) { $0.ack() }
            #expect(Set(received.map(\.properties.messageID)) == Set((0..<50).map(String.init)))
        }
    }

    @Test func `a removed consumer's deliveries stay settleable, and its queue gets no more read`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let publisher = broker.connection.makePublisher()
            let sent = await publisher.publish((0..<10).map { .to("q", id: "\($0)") })
            #expect(sent.allSatisfy { $0 == .confirmed })
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "c", prefetch: 4)
            let held = await group.collect(4)
            try await group.remove(consumerTag: "c")
            try await group.remove(consumerTag: "never there")
            held.forEach { $0.ack() }
            // Calls on the same connection are answered after the settlements sent before them were taken.
            await group.close()
            try await broker.connection.withChannel { channel in
                var rest: Set<String> = []
                while let delivery = try await channel.get(queue: "q") {
                    rest.insert(delivery.properties.messageID ?? "")
                    delivery.ack()
                }
                #expect(rest == Set((4..<10).map(String.init)))
            }
        }
    }
}

extension ConsumerGroup {
    func nextEvent() async -> ConsumerEvent? {
        for await event in events { return event }
        return nil
    }
}
