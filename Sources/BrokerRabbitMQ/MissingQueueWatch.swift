internal import AMQP
internal import Distribution
internal import Logging

/// Looks after the queues of the static topology that nobody here consumes, should somebody delete one: what is published
/// to it would be refused, or go to the unrouted messages, until the next connection.
///
/// Such a queue is declared anew. What rungs of the ladder and queues of dead letters held is known to the ledger, and is
/// handed out or shown again; what other queues held is lost, which is told.
struct MissingQueueWatch: Sendable {
    let connection: Connection
    let topology: Topology
    /// Closed while a queue of dead letters is declared.
    let deadLetterWindow: DeadLetterWindow
    let interval: Duration
    let logger: Logger
    /// Told when what was on its way to targets' queues is lost.
    let emptied: @Sendable () -> Void
    /// Told whose dead letters are not shown any more.
    let unshown: @Sendable (ChannelType) -> Void

    /// What was found missing and is still to be told: not before it is declared, which may fail.
    private struct Losses {
        var isLadderEmptied = false
        var unshown: Set<ChannelType> = []
    }

    /// Looks again and again until cancelled.
    func run() async {
        var losses = Losses()
        while (try? await Task.sleep(for: interval)) != nil {
            guard connection.isOpen else { continue }
            do {
                try await look(&losses)
            } catch {
                logger.debug("queues could not be looked for", metadata: ["error": "\(BrokerError(error))"])
            }
        }
    }

    private func look(_ losses: inout Losses) async throws {
        let names = topology.queuesOnlyPublishedTo.map(\.name)
        let found = try await BrokerCensus.look(into: names, over: connection)
        let missing = names.filter { found[$0] == nil }
        let channels = missing.compactMap(topology.channel(ofDeadLettersIn:))
        // What is published until the queue is there finds none, although the broker confirms it.
        if !channels.isEmpty { deadLetterWindow.close() }
        losses.unshown.formUnion(channels)
        losses.isLadderEmptied = losses.isLadderEmptied || missing.contains(where: topology.isRung)
        guard !missing.isEmpty || !losses.unshown.isEmpty || losses.isLadderEmptied else { return }
        try await topology.declare(queuesNamed: missing, over: connection)
        tell(missing)
        if !losses.unshown.isEmpty { deadLetterWindow.open() }
        if losses.isLadderEmptied { emptied() }
        for channel in losses.unshown.sorted() { unshown(channel) }
        losses = Losses()
    }

    private func tell(_ missing: [String]) {
        guard !missing.isEmpty else { return }
        logger.warning(
            "queues were missing, deleted by somebody, and are declared anew",
            metadata: ["queues": "\(missing.joined(separator: ", "))", "remediation": "\(remediation(missing))"])
    }

    private func remediation(_ missing: [String]) -> String {
        missing.allSatisfy(topology.isKnownToLedger)
            ? "Nothing is to be done: what they held is in the ledger, and is published again."
            : "What nobody had read from them is lost. Take the right to delete queues from whoever did it."
    }
}
