internal import AMQP
internal import Distribution
internal import Logging
internal import Synchronization

/// Consumes one queue of the static topology for as long as the broker runs, and mends itself.
///
/// The queue is never deleted, whatever befalls it: only an operator knows what may be lost with it. While the broker
/// does not answer its consumer, it is tried on a connection of its own, so that nobody else is disturbed.
final class StandingConsumer: Sendable {
    let group: ConsumerGroup
    private let queue: String
    private let prefetch: UInt16
    private let connection: Connection
    private let probe: QueueProbe
    private let topology: Topology
    private let logger: Logger
    private let isStopped = Atomic(false)
    private let additions = Atomic(0)

    init(
        queue: String, prefetch: UInt16, connection: Connection, probe: QueueProbe, topology: Topology, logger: Logger
    ) {
        self.queue = queue
        self.prefetch = prefetch
        self.connection = connection
        self.probe = probe
        self.topology = topology
        self.logger = logger
        group = connection.makeConsumerGroup(name: queue, ackDelay: AckDelay.usual)
    }

    /// Consumes until the group ends; whenever the consumer is lost, declares the topology again and comes back.
    func run() async {
        await connection.waitUntilOpen()
        await add()
        for await event in group.events {
            switch event {
            case .cancelledByBroker: await restore(after: nil)
            case .failed(_, let error): await restore(after: error)
            case .channelReopened: break
            }
        }
    }

    /// Stops consuming; the deliveries end after what is buffered.
    func stop() async {
        isStopped.store(true, ordering: .releasing)
        await group.close()
    }

    private func restore(after error: AMQPError?) async {
        logger.warning("consumer lost, it is being restored", metadata: ["queue": "\(queue)"])
        if let error { report(error) }
        await add(declaring: true, isSuspect: error?.isUnanswered == true)
    }

    private func add(declaring: Bool = false, isSuspect: Bool = false) async {
        var pause = RetryPause()
        var (mustDeclare, isSuspect) = (declaring, isSuspect)
        while !Task.isCancelled, !isStopped.load(ordering: .acquiring) {
            do {
                if mustDeclare { try await connection.withChannel { try await self.topology.declare(on: $0) } }
                if isSuspect { try await probe.check(queue) }
                try await consume(isProven: isSuspect)
                return
            } catch {
                report(error)
                mustDeclare = true
                isSuspect = isSuspect || (error as? AMQPError)?.isUnanswered == true
            }
            // What went wrong with the connection is mended with it, and not later.
            if connection.isOpen {
                do { try await pause.wait() } catch { return }
            } else {
                pause = RetryPause()
            }
            await connection.waitUntilOpen()
        }
    }

    private func consume(isProven: Bool) async throws {
        let tag = "\(queue)#\(additions.add(1, ordering: .relaxed).newValue)"
        try await group.add(queue: queue, consumerTag: tag, prefetch: prefetch, isProven: isProven)
        // The group may have been closed meanwhile: nobody would read what it delivers.
        if isStopped.load(ordering: .acquiring) { try await group.remove(consumerTag: tag) }
    }

    private func report(_ error: any Error) {
        guard (error as? AMQPError)?.isUnanswered == true else {
            logger.warning(
                "queue cannot be consumed yet", metadata: ["queue": "\(queue)", "error": "\(BrokerError(error))"])
            return
        }
        logger.error(
            "queue does not answer its consumer: it has no leader",
            metadata: [
                "queue": "\(queue)", "vhost": "\(connection.configuration.virtualHost)",
                "remediation": "\(StuckQueueWatch.remediation)",
            ])
    }
}
