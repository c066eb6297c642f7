internal import AMQP
internal import Distribution
internal import Logging
internal import Synchronization

/// Consumes one queue of the static topology for as long as the broker runs, and mends itself.
final class StandingConsumer: Sendable {
    let group: ConsumerGroup
    private let queue: String
    private let prefetch: UInt16
    private let connection: Connection
    private let topology: Topology
    private let logger: Logger
    private let isStopped = Atomic(false)
    private let additions = Atomic(0)

    init(queue: String, prefetch: UInt16, connection: Connection, topology: Topology, logger: Logger) {
        self.queue = queue
        self.prefetch = prefetch
        self.connection = connection
        self.topology = topology
        self.logger = logger
        group = connection.makeConsumerGroup(name: queue)
    }

    /// Consumes until the group ends; whenever the consumer is lost, declares the topology again and comes back.
    func run() async {
        await connection.waitUntilOpen()
        await add(declaring: false)
        for await event in group.events {
            switch event {
            case .cancelledByBroker, .failed:
                logger.warning("consumer lost, it is being restored", metadata: ["queue": "\(queue)"])
                await add(declaring: true)
            case .channelReopened:
                break
            }
        }
    }

    /// Stops consuming; the deliveries end after what is buffered.
    func stop() async {
        isStopped.store(true, ordering: .releasing)
        await group.close()
    }

    private func add(declaring: Bool) async {
        var pause = RetryPause()
        var mustDeclare = declaring
        while !Task.isCancelled, !isStopped.load(ordering: .acquiring) {
            do {
                if mustDeclare { try await connection.withChannel { try await self.topology.declare(on: $0) } }
                let number = additions.add(1, ordering: .relaxed).newValue
                let tag = "\(queue)#\(number)"
                try await group.add(queue: queue, consumerTag: tag, prefetch: prefetch)
                // The group may have been closed meanwhile: nobody would read what it delivers.
                if isStopped.load(ordering: .acquiring) { try await group.remove(consumerTag: tag) }
                return
            } catch {
                logger.warning(
                    "queue cannot be consumed yet", metadata: ["queue": "\(queue)", "error": "\(BrokerError(error))"])
                mustDeclare = true
            }
            do { try await pause.wait() } catch { return }
            await connection.waitUntilOpen()
        }
    }
}
