import AMQP
import Testing

@Suite("Publishing and consuming", .timeLimit(.minutes(1)))
struct PublishAndConsumeTests {
    @Test func `ten thousand messages arrive confirmed, each by its id`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let count = 10_000
            let body = [UInt8](repeating: 1, count: 2048)
            let messages = (0..<count).map { OutgoingMessage.to("q", id: "\($0)", body: body) }
            let results = await broker.connection.makePublisher().publish(messages)
            #expect(results.count == count)
            #expect(results.allSatisfy { $0 == .confirmed })

            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "c", prefetch: 256)
            let deliveries = await group.collect(count) { delivery in
                #expect(!delivery.redelivered)
                #expect(delivery.queue == "q")
                #expect(delivery.consumerTag == "c")
                delivery.ack()
            }
            #expect(deliveries.map(\.properties.messageID) == (0..<count).map(String.init))
            #expect(deliveries.allSatisfy { $0.body == body })
        }
    }

    /// A write of more than the channel's high-water mark makes it unwritable, and writable again before the write
    /// returns where the socket takes it whole.
    @Test func `messages larger than the socket's buffers go out once and in order, beside small ones`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let publisher = broker.connection.makePublisher()
            let messages = (0..<120).map { number in
                let size = number % 3 == 0 ? 1_200_000 : 10
                return OutgoingMessage.to(
                    "q", id: "\(number)", body: [UInt8](repeating: UInt8(truncatingIfNeeded: number), count: size))
            }
            let results = await withTaskGroup(of: [PublishResult].self) { tasks in
                for start in stride(from: 0, to: messages.count, by: 6) {
                    tasks.addTask { await publisher.publish(Array(messages[start..<start + 6])) }
                }
                return await tasks.reduce(into: []) { $0 += $1 }
            }
            #expect(results == Array(repeating: .confirmed, count: messages.count))
            #expect(try await broker.messageCount(of: "q") == messages.count)
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "c", prefetch: 10)
            var received: [String: [UInt8]] = [:]
            for delivery in await group.collect(messages.count, { $0.ack() }) {
                received[delivery.properties.messageID ?? ""] = delivery.body
            }
            for (number, message) in messages.enumerated() { #expect(received["\(number)"] == message.body) }
            #expect(broker.connection.state == .connected(generation: 1))
        }
    }

    @Test(arguments: [4096, 131_072])
    func `bodies of 300 kB and of nothing pass unchanged, whatever the frame size`(frameMax: Int) async throws {
        try await withBroker(configure: { $0.frameMax = frameMax }) { broker in
            try await broker.declareQueue("q")
            var random = SplitMix(state: 1)
            let large = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            let bodies = [large, [], Array(large.prefix(4088)), Array(large.prefix(4089)), []]
            let messages = bodies.enumerated().map { OutgoingMessage.to("q", id: "\($0.offset)", body: $0.element) }
            #expect(await broker.connection.makePublisher().publish(messages).allSatisfy { $0 == .confirmed })
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "c", prefetch: 0)
            let received = await group.collect(bodies.count) { $0.ack() }
            #expect(received.map(\.body) == bodies)
        }
    }

    @Test func `properties and headers of every type come back as they were`() async throws {
        let nested: FieldTable = ["deep": .table(["er": .array([1, "two", .void, .array([])])]), "empty": .table([:])]
        let headers: FieldTable = [
            "bool": true, "int8": .int8(-8), "uint8": .uint8(200), "int16": .int16(-1600), "uint16": .uint16(60_000),
            "int32": .int32(.min), "uint32": .uint32(.max), "int64": .int64(.min), "float": .float(1.5),
            "double": .double(-2.25), "decimal": .decimal(scale: 2, value: 12_345), "string": "Grüße, 世界",
            "empty": "", "bytes": .bytes([0, 255, 1]), "timestamp": .timestamp(1_700_000_000),
            "array": .array([.bool(false), .table(nested)]), "table": .table(nested), "void": .void,
        ]
        let properties = MessageProperties(
            contentType: "application/json", contentEncoding: "gzip", headers: headers, deliveryMode: 1, priority: 3,
            correlationID: "c", replyTo: "r", expiration: "60000", messageID: "m", timestamp: 1_800_000_000, type: "t",
            appID: "a")
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let message = OutgoingMessage(exchange: "", routingKey: "q", properties: properties, body: [1])
            #expect(await broker.connection.makePublisher().publish(message) == .confirmed)
            try await broker.connection.withChannel { channel in
                let delivery = try #require(try await channel.get(queue: "q"))
                #expect(delivery.properties == properties)
                delivery.ack()
                #expect(try await channel.get(queue: "q") == nil)
            }
            #expect(try await broker.messageCount(of: "q") == 0)
        }
    }

    @Test func `what no queue takes is returned, among others that are confirmed`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let messages = (0..<300).map { number -> OutgoingMessage in
                .to(number % 3 == 0 ? "nowhere" : "q", id: "\(number)", mandatory: number % 6 != 0)
            }
            let results = await broker.connection.makePublisher().publish(messages)
            for (number, result) in results.enumerated() {
                #expect(result == (number % 6 == 3 ? .returned(code: 312, text: "NO_ROUTE") : .confirmed))
            }
        }
    }

    @Test func `a queue that is full refuses`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q", arguments: ["x-max-length": 1, "x-overflow": "reject-publish"])
            let publisher = broker.connection.makePublisher()
            #expect(await publisher.publish(.to("q", id: "1")) == .confirmed)
            #expect(await publisher.publish(.to("q", id: "2")) == .nacked)
        }
    }

    @Test func `what cannot be encoded is refused alone`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            var large = OutgoingMessage.to("q", id: "large")
            large.properties.headers["h"] = .string(String(repeating: "x", count: 200_000))
            var long = OutgoingMessage.to("q", id: "long")
            long.routingKey = String(repeating: "k", count: 256)
            let results = await broker.connection.makePublisher().publish([large, .to("q", id: "good"), long])
            guard case .returned(502, _) = results[0], case .returned(502, _) = results[2] else {
                Issue.record("\(results)")
                return
            }
            #expect(results[1] == .confirmed)
            await #expect(throws: AMQPError.self) {
                try await broker.declareQueue(String(repeating: "q", count: 256))
            }
        }
    }

    @Test func `headers that fill almost a whole frame fit`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            var message = OutgoingMessage.to("q", id: "1")
            message.properties.headers["h"] = .string(String(repeating: "x", count: 130_900))
            #expect(await broker.connection.makePublisher().publish(message) == .confirmed)
            let delivery = try await broker.connection.withChannel { try await $0.get(queue: "q") }
            #expect(delivery?.properties.headers == message.properties.headers)
        }
    }

    @Test func `what is given back is delivered again, what is rejected is not`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("q")
            let sent = await broker.connection.makePublisher().publish([.to("q", id: "again"), .to("q", id: "never")])
            #expect(sent == [.confirmed, .confirmed])
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "q", consumerTag: "c", prefetch: 10)
            let first = await group.collect(2) { $0.reject(requeue: $0.properties.messageID == "again") }
            #expect(first.map(\.redelivered) == [false, false])
            let second = await group.collect(1) { $0.ack() }
            #expect(second.map(\.properties.messageID) == ["again"])
            #expect(second.map(\.redelivered) == [true])
            await group.close()
            #expect(try await broker.messageCount(of: "q") == 0)
        }
    }

    @Test func `direct reply-to answers without a queue`() async throws {
        try await withBroker { broker in
            try await broker.declareQueue("requests")
            let server = broker.connection.makeConsumerGroup(name: "server")
            try await server.add(queue: "requests", consumerTag: "s", prefetch: 1)
            let client = broker.connection.makeConsumerGroup(name: "client")
            try await client.add(queue: "amq.rabbitmq.reply-to", consumerTag: "r", prefetch: 0, noAck: true)

            var request = OutgoingMessage.to("requests", id: "1", body: [1])
            request.properties.replyTo = "amq.rabbitmq.reply-to"
            try await client.send(request)
            let asked = try #require(await server.collect(1) { $0.ack() }.first)
            let address = try #require(asked.properties.replyTo)
            let answer = OutgoingMessage.to(address, id: "2", body: asked.body + [2])
            #expect(await broker.connection.makePublisher().publish(answer) == .confirmed)
            #expect(await client.collect(1) { $0.ack() }.map(\.body) == [[1, 2]])
        }
    }
}
