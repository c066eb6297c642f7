internal import AMQP
internal import Distribution
internal import Logging

/// Looks after the queues of the static topology that are only published to, where one of them has lost its leader: what
/// is published to it is never confirmed, and a publisher waits in vain, with all that it has behind it.
///
/// What a queue of dead letters or a rung of the ladder holds is known to the ledger: such a queue is deleted and declared
/// anew. Any other is told of until somebody has seen to it: only an operator knows what may be lost with it.
struct StuckQueueWatch: Sendable {
    static let remediation = """
        Start the broker's nodes that hold it. Where all of them run, it has lost its leader for good: delete it \
        (rabbitmqctl delete_queue), and it is declared anew. What is in it is lost then.
        """
    private static let pause = Duration.seconds(10)

    let publishing: Connection
    /// Over which queues are deleted and declared.
    let consuming: Connection
    let probe: QueueProbe
    let topology: Topology
    /// Closed while a queue of dead letters is not there.
    let deadLetterWindow: DeadLetterWindow
    let logger: Logger
    /// Told which queues nobody but an operator can mend.
    let told: @Sendable ([String]) -> Void
    /// Told when what was on its way to targets' queues is lost.
    let emptied: @Sendable () -> Void
    /// Told whose dead letters are not shown any more.
    let unshown: @Sendable (ChannelType) -> Void

    /// Looks at every queue whenever the publishing connection has ended for want of a confirm; returns when it is closed.
    func run() async {
        for await state in publishing.states() {
            guard case .connecting(_, .unconfirmed?) = state else { continue }
            await mend()
        }
    }

    private func mend() async {
        while !Task.isCancelled {
            var rest: [String] = []
            for queue in topology.queuesOnlyPublishedTo {
                guard await isStuck(queue.name), await !renew(queue) else { continue }
                rest.append(queue.name)
            }
            told(rest)
            guard !rest.isEmpty else { return }
            logger.error(
                "a queue has no leader, and what is published to it is not confirmed",
                metadata: ["queue": "\(rest.joined(separator: ", "))", "remediation": "\(Self.remediation)"])
            do { try await ContinuousClock().sleep(for: Self.pause) } catch { return }
            // An operator may have deleted it.
            try? await declareAll()
        }
    }

    private func declareAll() async throws {
        try await consuming.withChannel { try await topology.declare(on: $0) }
        deadLetterWindow.open()
    }

    private func isStuck(_ queue: String) async -> Bool {
        do {
            try await probe.check(queue)
            return false
        } catch {
            return (error as? AMQPError)?.isUnanswered == true
        }
    }

    /// Deletes a queue and declares it anew, where nothing is lost with it.
    ///
    /// - Returns: Whether it was.
    private func renew(_ queue: QueueDescription) async -> Bool {
        guard topology.isKnownToLedger(queue.name) else { return false }
        logger.warning(
            "a queue has lost its leader for good; it is deleted and declared anew, and what it held is known",
            metadata: ["queue": "\(queue.name)"])
        // For as long as it takes: where it cannot be declared, it is tried again with the next look.
        let channel = topology.channel(ofDeadLettersIn: queue.name)
        if channel != nil { deadLetterWindow.close() }
        do {
            _ = try await consuming.withChannel { try await $0.deleteQueue(name: queue.name) }
            try await declareAll()
        } catch {
            logger.warning(
                "a queue without a leader could not be declared anew",
                metadata: ["queue": "\(queue.name)", "error": "\(BrokerError(error))"])
            return false
        }
        if topology.isRung(queue.name) { emptied() }
        if let channel { unshown(channel) }
        return true
    }
}
