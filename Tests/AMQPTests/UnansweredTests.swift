import AMQP
import LocalBroker
import Testing

@Suite("Queues that do not answer", .timeLimit(.minutes(1)))
struct UnansweredTests {
    @Test func `a consumer without answer fails alone, and the others come back at once`() async throws {
        try await withProxy { broker, proxy in
            for queue in ["good", "behind", "dead"] { try await broker.declareQueue(queue) }
            let group = broker.connection.makeConsumerGroup(name: "g")
            try await group.add(queue: "good", consumerTag: "good", prefetch: 5)
            proxy.stick(.consume, of: "dead")
            async let dead = group.failure(ofAdding: "dead")
            async let other = broker.connection.makeConsumerGroup(name: "other").failure(ofAdding: "good")
            #expect(await other == nil)
            #expect(await dead == .unanswered(queue: "dead"))
            #expect(await group.nextEvent() == .channelReopened)
            await broker.connection.waitForGeneration(after: 1)
            #expect(await group.failure(ofAdding: "behind") == nil)
            let publisher = broker.connection.makePublisher()
            #expect(await publisher.publish([.to("behind", id: "1")]) == [.confirmed])
            #expect(await group.collect(1) { $0.ack() }.map(\.queue) == ["behind"])
            #expect(broker.connection.state == .connected(generation: 2))
        }
    }

    @Test func `a consumer that its owner brings back is not restored, and holds up no other`() async throws {
        try await withProxy { broker, proxy in
            for queue in ["new", "old"] { try await broker.declareQueue(queue) }
            let group = broker.connection.makeConsumerGroup(name: "g", isRestored: { $0 != "new" })
            for queue in ["new", "old"] { try await group.add(queue: queue, consumerTag: queue, prefetch: 5) }
            // It would cost a connection to ask for it.
            proxy.stick(.consume, of: "new")
            proxy.cutConnections()
            #expect(await group.nextEvent() == .failed(consumerTag: "new", error: .notConnected))
            #expect(await group.nextEvent() == .channelReopened)
            await broker.connection.waitForGeneration(after: 1)
            #expect(broker.connection.state == .connected(generation: 2))
            proxy.unstick()
            #expect(await group.failure(ofAdding: "new") == nil)
        }
    }

    @Test func `a group that is given up takes its channel and its consumers along`() async throws {
        try await withProxy { broker, _ in
            try await broker.declareQueue("q")
            var group: ConsumerGroup? = broker.connection.makeConsumerGroup(name: "g")
            try await group?.add(queue: "q", consumerTag: "q", prefetch: 5)
            #expect(try await broker.consumerCount(of: "q") == 1)
            group = nil
            while try await broker.consumerCount(of: "q") > 0 {
                try Task.checkCancellation()
                await Task.yield()
            }
        }
    }

    @Test func `one that waits behind it does not count as unanswered`() async throws {
        try await withProxy { broker, proxy in
            for queue in ["dead", "behind"] { try await broker.declareQueue(queue) }
            proxy.stick(.consume, of: "dead")
            let group = broker.connection.makeConsumerGroup(name: "g")
            async let dead = group.failure(ofAdding: "dead")
            async let behind = group.failure(ofAdding: "behind")
            let errors = [await dead, await behind]
            // Whichever of the two came first, only the dead one is to blame.
            #expect(errors[0] == .unanswered(queue: "dead"))
            #expect(errors[1] != .unanswered(queue: "behind"))
            await broker.connection.waitForGeneration(after: 1)
            if errors[1] != nil { #expect(await group.failure(ofAdding: "behind") == nil) }
        }
    }

    @Test func `a consumer that cannot be restored is told of and forgotten, the others are restored`() async throws {
        try await withProxy { broker, proxy in
            for queue in ["first", "dead", "last"] { try await broker.declareQueue(queue) }
            let group = broker.connection.makeConsumerGroup(name: "g")
            for queue in ["first", "dead", "last"] {
                try await group.add(queue: queue, consumerTag: queue, prefetch: 5)
            }
            proxy.stick(.consume, of: "dead")
            proxy.cutConnections()
            #expect(
                await group.nextEvent() == .failed(consumerTag: "dead", error: .unanswered(queue: "dead")))
            #expect(await group.nextEvent() == .channelReopened)
            let publisher = broker.connection.makePublisher()
            await broker.connection.wait { if case .connected = $0 { true } else { false } }
            while await publisher.publish([.to("first", id: "1"), .to("last", id: "2")]) != [.confirmed, .confirmed] {
                try Task.checkCancellation()
                _ = await broker.connection.waitUntilConnected()
            }
            var queues: Set<String> = []
            while queues.count < 2 {
                try Task.checkCancellation()
                queues.formUnion(await group.collect(1) { $0.ack() }.map(\.queue))
            }
            #expect(queues == ["first", "last"])
            // The next reconnection does not try it again.
            proxy.cutConnections()
            #expect(await group.nextEvent() == .channelReopened)
            proxy.unstick()
            #expect(await group.failure(ofAdding: "dead") == nil)
        }
    }

    @Test func `a broker that answers nothing at all blames no queue`() async throws {
        try await withProxy {
            $0.heartbeatSeconds = 1
        } _: { broker, proxy in
            try await broker.declareQueue("q")
            let group = broker.connection.makeConsumerGroup(name: "g")
            proxy.freeze()
            // Heartbeats end the connection, those of this side or those of the broker.
            let error = try #require(await group.failure(ofAdding: "q"))
            #expect(error != .unanswered(queue: "q"))
        }
    }

    @Test func `a call without answer throws and costs its channel only`() async throws {
        try await withProxy {
            $0.callTimeoutSeconds = 2
        } _: { broker, proxy in
            try await broker.declareQueue("dead")
            proxy.stick(.delete, of: "dead")
            await #expect {
                try await broker.connection.withChannel { _ = try await $0.deleteQueue(name: "dead") }
            } throws: {
                if case AMQPError.timeout = $0 { true } else { false }
            }
            try await broker.declareQueue("q")
            #expect(broker.connection.state == .connected(generation: 1))
        }
    }

    @Test func `messages without confirm are lost with their connection, and can be published again`() async throws {
        try await withProxy {
            $0.confirmTimeoutSeconds = 2
        } _: { broker, proxy in
            for queue in ["dead", "q"] { try await broker.declareQueue(queue) }
            proxy.stick(.publish, of: "dead")
            let publisher = broker.connection.makePublisher()
            let results = await publisher.publish([.to("q", id: "1"), .to("dead", id: "2"), .to("q", id: "3")])
            #expect(results == [.confirmed, .lost, .lost])
            await broker.connection.waitForGeneration(after: 1)
            proxy.unstick()
            #expect(await publisher.publish([.to("dead", id: "2"), .to("q", id: "3")]) == [.confirmed, .confirmed])
        }
    }

    /// Runs the body with a connection whose queues can be made to hang, and that is not patient with them.
    private func withProxy(
        configure: (inout ConnectionConfiguration) -> Void = { _ in },
        _ body: @Sendable (TestBroker, StuckQueueProxy) async throws -> Void
    ) async throws {
        let url = try await VirtualHosts.fresh()
        let proxy = try await StuckQueueProxy.start(to: try ConnectionConfiguration(url: url).port)
        do {
            try await withBroker(url: url) { configuration in
                configuration.port = proxy.port
                configuration.consumeTimeoutSeconds = 2
                configuration.consumePatienceSeconds = 1
                configure(&configuration)
            } _: {
                try await body($0, proxy)
            }
        } catch {
            await proxy.stop()
            throw error
        }
        await proxy.stop()
    }
}

extension ConsumerGroup {
    /// Adds a consumer under its queue's name; nil where that works.
    func failure(ofAdding queue: String) async -> AMQPError? {
        do {
            try await add(queue: queue, consumerTag: "\(queue) added", prefetch: 5)
            return nil
        } catch {
            return error as? AMQPError
        }
    }
}
