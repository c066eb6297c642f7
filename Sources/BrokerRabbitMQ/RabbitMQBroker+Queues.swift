package import Distribution

extension RabbitMQBroker {
    @discardableResult
    package func open(_ queue: TargetQueue, prefetch: Int) async throws(BrokerError) -> QueueOpening {
        try await targets.open(queue, prefetch: UInt16(min(max(prefetch, 1), 1000)))
    }

    package func declare(_ queue: TargetQueue) async throws(BrokerError) -> QueueOpening {
        try await targets.declare(queue)
    }

    package func reopen(_ queue: TargetQueue) async {
        await targets.reopen(queue)
    }

    package func close(_ queue: TargetQueue) async {
        await targets.close(queue)
    }

    package func remove(_ queue: TargetQueue) async throws(BrokerError) {
        try await targets.remove(queue)
    }

    package func census(of queues: [TargetQueue]) async throws(BrokerError) -> BrokerCensus {
        do {
            return try await BrokerCensus(of: queues, topology, over: targets.connection)
        } catch {
            throw BrokerError(error)
        }
    }

    package func depth(of queue: TargetQueue) async throws(BrokerError) -> QueueDepth? {
        try await targets.depth(of: queue)
    }
}
